import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HeldOut, LossCourse } from "../../db/shape/model";
import { emit } from "../../server/event/events";
import { runLogAfter } from "../../server/run/log";
import type { Point } from "../../server/run/metric";
import type { RunEvent } from "../engine/train/events";
import type { Work } from "../run/handler";
import { rateOf } from "../run/rate";
import { EventFile, residentMemory } from "./events";
import type { ModelFolders } from "./models";
import { takeSamples } from "./samples";

/** Brings an engine's events into the database: curves, log, progress, samples. */
export class Follower {
  /** The evaluations so far, by step. */
  readonly #evaluations = new Map<number, Extract<RunEvent, { type: "eval" }>>();
  #weightsStep: number | undefined;
  /** Figures of the end. */
  last: Record<string, number> = {};
  readonly #work: Work;
  readonly #folders: ModelFolders;
  readonly #prompts: readonly string[];
  readonly #fetch: (path: string) => Promise<void>;
  readonly #events: EventFile;
  readonly #rate = rateOf("steps");
  #steps: number | undefined;
  #said: Set<string> | undefined;
  #before: { tokens: number; at: number } | undefined;
  #sampling: Promise<unknown> = Promise.resolve();
  /** Steps of the checkpoints that have answered: a file that is read again names them again. */
  readonly #sampled = new Set<number>();

  /** @param fetch brings a checkpoint to the run's folder, where it is not written there */
  constructor(
    work: Work,
    folders: ModelFolders,
    prompts: readonly string[],
    fetch: (path: string) => Promise<void> = async () => {},
  ) {
    this.#fetch = fetch;
    this.#work = work;
    this.#folders = folders;
    this.#prompts = prompts;
    this.#events = new EventFile(join(work.folder, "output/events.jsonl"));
  }

  /**
   * The evaluation of the weights that were kept: its measures by name, as means over rows where rows were counted,
   * and the counts.
   */
  heldOut(): { metrics: Record<string, number>; heldOut: HeldOut | null } {
    const event = this.#kept();
    if (!event) return { metrics: {}, heldOut: null };
    if (!event.held_out) {
      const points = pointsOf(event).filter(({ name }) => name.startsWith("eval_"));
      return { metrics: Object.fromEntries(points.map(({ name, value }) => [name, value])), heldOut: null };
    }
    const { means, ...heldOut } = event.held_out;
    const named = Object.entries(means).map(([name, value]) => [`eval_${name}`, value]);
    const loss = this.lossCourse();
    return {
      metrics: { eval_loss: event.eval_loss, ...Object.fromEntries(named) },
      heldOut: { ...heldOut, ...(loss ? { loss } : {}) },
    };
  }

  /** How the held-out loss went; undefined where it was measured less than twice. */
  lossCourse(): LossCourse | undefined {
    const measured = [...this.#evaluations.values()]
      .map(({ step, eval_loss: loss }) => ({ step, loss }))
      .filter(({ loss }) => Number.isFinite(loss))
      .sort((a, b) => a.step - b.step);
    const kept = measured.find(({ step }) => step === this.#kept()?.step);
    if (!kept || measured.length < 2) return undefined;
    const lowest = measured.reduce((least, one) => (one.loss < least.loss ? one : least));
    return { first: measured[0], lowest, kept };
  }

  /** The evaluation of the weights that were kept, if they were evaluated. */
  #kept() {
    const last = [...this.#evaluations.keys()].at(-1);
    return this.#evaluations.get(this.#weightsStep ?? last ?? 0);
  }

  /** Takes what came since the last call. @param engine whose memory is measured, where it runs on this machine */
  async read(engine?: { pid: number }): Promise<void> {
    const points: Point[] = [];
    for (const event of await this.#events.next()) await this.#take(event, points);
    const memory = points.length > 0 && engine ? await residentMemory(engine.pid) : null;
    const newest = points.at(-1);
    if (newest && memory) points.push({ name: "memory_bytes", step: newest.step, value: memory });
    await this.#work.metrics(points);
  }

  /** Takes the rest, and waits for the samples that are being written. */
  async finish(): Promise<void> {
    await this.read();
    await this.#sampling;
  }

  async #take(event: RunEvent, points: Point[]): Promise<void> {
    switch (event.type) {
      case "log":
        if (event.steps !== undefined) this.#steps = event.steps;
        await this.#say(event.level, event.message);
        return;
      case "metrics":
        points.push(...pointsOf(event), ...this.#speed(event));
        this.#work.progress(this.#rate(event.step, this.#steps, `loss ${event.loss.toFixed(4)}`));
        return;
      case "eval":
        points.push(...pointsOf(event));
        this.#evaluations.set(event.step, event);
        return;
      case "checkpoint":
        this.#sample(event.step, () => this.#checkpoint(event.path));
        return;
      case "done":
        this.#weightsStep = event.weights_step;
        this.last = {
          steps: event.step,
          seconds: event.seconds,
          tokens: event.tokens,
          peak_memory_bytes: event.peak_memory_bytes,
        };
    }
  }

  /** An attempt that resumes reads the file from its beginning: what the log has already is not said twice. */
  async #say(level: "info" | "warning" | "error", message: string): Promise<void> {
    const { db, run, log } = this.#work;
    this.#said ??= new Set(
      (await runLogAfter(db, { runId: run.id, afterId: 0, limit: 10_000 })).map((line) => line.message),
    );
    if (this.#said.has(message)) return;
    this.#said.add(message);
    await log(level, message);
  }

  #speed(event: Extract<RunEvent, { type: "metrics" }>): Point[] {
    const tokens = Number(event.num_tokens);
    const at = Date.parse(String(event.time));
    const before = this.#before;
    this.#before = { tokens, at };
    if (!before || !(at > before.at) || !(tokens > before.tokens)) return [];
    return [
      {
        name: "tokens_per_second",
        step: event.step,
        value: ((tokens - before.tokens) * 1000) / (at - before.at),
      },
    ];
  }

  /** Lets the model that training starts from answer, as step 0: what the checkpoints are compared with. */
  sampleStart(): void {
    this.#sample(0, async () => this.#folders);
  }

  async #checkpoint(path: string): Promise<ModelFolders> {
    await this.#fetch(path);
    const saved = join(this.#work.folder, "output", path);
    const isAdapter = existsSync(join(saved, "adapter_config.json"));
    return isAdapter ? { model: this.#folders.model, adapter: saved } : { model: saved, adapter: null };
  }

  /** One checkpoint at a time answers; one that comes meanwhile waits. A failed sample is logged and no more. */
  #sample(step: number, opened: () => Promise<ModelFolders>): void {
    if (this.#prompts.length === 0 || this.#sampled.has(step)) return;
    this.#sampled.add(step);
    const { db, run, log } = this.#work;
    const sample = async () =>
      takeSamples(db, { runId: run.id, step, prompts: this.#prompts, folders: await opened() });
    this.#sampling = this.#sampling
      .then(sample)
      .then(() => emit(db, `run:${run.id}`, "samples", { step }))
      .catch((error: unknown) =>
        log("warning", `No samples at step ${step}: ${error instanceof Error ? error.message : error}`),
      );
  }
}

const labels = new Set(["type", "step", "time"]);

function pointsOf(event: RunEvent & { step: number }): Point[] {
  return Object.entries(event).flatMap(([name, value]) =>
    typeof value === "number" && Number.isFinite(value) && !labels.has(name)
      ? [{ name, step: event.step, value }]
      : [],
  );
}
