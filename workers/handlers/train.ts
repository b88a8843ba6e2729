import { createReadStream, existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { emit } from "../../server/event/events";
import { getModel, registerModel } from "../../server/model/model";
import type { Model } from "../../server/model/schema";
import { type Point, runLogAfter } from "../../server/run/run";
import { type TrainingMethod, trainSpecSchema } from "../../server/training/schema";
import { runYaml } from "../../server/training/training";
import type { RunEvent } from "../engine/events";
import { type Handler, TransientError, type Work } from "../handler";
import { rateOf } from "../rate";
import { type Engine, trainCommand } from "../training/engines";
import { EventFile, residentMemory } from "../training/events";
import { MODEL_PREFIX, type ModelFolders, openFolders } from "../training/models";
import { EngineProcess, sentenceOf } from "../training/process";
import { writeInputs } from "../training/rows";
import { takeSamples } from "../training/samples";

const POLL_MS = 500;

/**
 * Trains: writes the run's folder, starts the engine on it, follows its events into the database, and registers
 * the model that comes out. Attempted again, it goes on from the last checkpoint.
 */
export const train =
  (method: TrainingMethod): Handler =>
  async (work) => {
    const { run, db, folder } = work;
    const spec = trainSpecSchema.parse(run.spec);
    if (!run.projectId) throw new Error("Training belongs to a project.");
    const start = await getModel(db, { projectId: run.projectId, modelId: spec.modelId });
    const folders = await openFolders(work, start);
    const rows = await writeInputs(db, {
      folder,
      method,
      projectId: run.projectId,
      versionId: spec.versionId,
    });
    await writeFile(
      join(folder, "run.yaml"),
      runYaml(method, spec.options, { ...folders, eval: rows.eval > 0 }),
    );

    const engine: Engine = spec.options.engine === "torch" ? "torch" : "onnx";
    const followed = new Follower(work, folders, spec.samplePrompts);
    const ended = await runEngine(work, engine, followed, hasCheckpoint(folder) ? ["--resume"] : []);
    if (ended === "stopped") {
      await work.log("info", "Stopped: the model is made from the last checkpoint.");
      await runEngine(work, engine, followed, ["--resume", "--finish"]);
    }
    const model = await keepModel(work, {
      method,
      start,
      spec,
      evalRows: rows.eval,
      metrics: followed.heldOut,
    });
    return { modelId: model.id, ...followed.last };
  };

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "output/checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^step-\d+$/.test(name));
}

/** One engine process from start to end. @throws what the engine says when it fails */
async function runEngine(
  work: Work,
  engine: Engine,
  followed: Follower,
  flags: readonly string[],
): Promise<"done" | "stopped"> {
  const { folder, signal, stop } = work;
  signal.throwIfAborted();
  const child = await EngineProcess.start(folder, trainCommand(engine, join(folder, "run.yaml"), flags));
  const finishing = flags.includes("--finish");
  const onStop = () => child.stop();
  const onAbort = () => child.kill();
  if (!finishing) stop.addEventListener("abort", onStop);
  signal.addEventListener("abort", onAbort);
  if (stop.aborted && !finishing) child.stop();
  let over = false;
  const ended = child.ended.finally(() => {
    over = true;
  });
  try {
    while (!over) {
      await followed.read(child.pid);
      await Promise.race([ended, sleep(POLL_MS)]);
    }
    await followed.read(null);
    const { code, signal: killer, complaint } = await ended;
    signal.throwIfAborted();
    if (code === 0) return "done";
    if (stop.aborted && hasCheckpoint(folder)) return "stopped";
    if (stop.aborted) throw new Error("Stopped before the first step: there is nothing to keep.");
    if (killer)
      throw new TransientError(
        `The engine was ended by ${killer}, most likely because memory ran out. It goes on from its last checkpoint; if this happens again, lower per_device_train_batch_size or max_length.`,
      );
    await work.log("error", complaint);
    throw new Error(sentenceOf(complaint) || `The engine ended with status ${code}.`);
  } finally {
    stop.removeEventListener("abort", onStop);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Brings an engine's events into the database: curves, log, progress, samples. */
class Follower {
  /** Measures of the last evaluation, by name. */
  heldOut: Record<string, number> = {};
  /** Figures of the end. */
  last: Record<string, number> = {};
  readonly #work: Work;
  readonly #folders: ModelFolders;
  readonly #prompts: readonly string[];
  readonly #events: EventFile;
  readonly #rate = rateOf("steps");
  #steps: number | undefined;
  #said: Set<string> | undefined;
  #before: { tokens: number; at: number } | undefined;
  #sampling: Promise<unknown> = Promise.resolve();

  constructor(work: Work, folders: ModelFolders, prompts: readonly string[]) {
    this.#work = work;
    this.#folders = folders;
    this.#prompts = prompts;
    this.#events = new EventFile(join(work.folder, "output/events.jsonl"));
  }

  async read(pid: number | null): Promise<void> {
    const points: Point[] = [];
    for (const event of await this.#events.next()) await this.#take(event, points);
    const memory = points.length > 0 && pid ? await residentMemory(pid) : null;
    const newest = points.at(-1);
    if (newest && memory) points.push({ name: "memory_bytes", step: newest.step, value: memory });
    await this.#work.metrics(points);
    if (pid === null) await this.#sampling;
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
        this.heldOut = Object.fromEntries(pointsOf(event).map(({ name, value }) => [name, value]));
        return;
      case "checkpoint":
        this.#sample(event.step, event.path);
        return;
      case "done":
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

  /** One checkpoint at a time answers; one that comes meanwhile waits. A failed sample is logged and no more. */
  #sample(step: number, path: string): void {
    if (this.#prompts.length === 0) return;
    const { db, run, folder, log } = this.#work;
    const saved = join(folder, "output", path);
    const isAdapter = existsSync(join(saved, "adapter_config.json"));
    const folders = isAdapter
      ? { model: this.#folders.model, adapter: saved }
      : { model: saved, adapter: null };
    this.#sampling = this.#sampling
      .then(() => takeSamples(db, { runId: run.id, step, prompts: this.#prompts, folders }))
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

interface Kept {
  method: TrainingMethod;
  start: Model;
  spec: { name: string; versionId: string };
  evalRows: number;
  metrics: Record<string, number>;
}

/** Stores the files that came out and registers the model, in this order: a registered model has its files. */
async function keepModel(work: Work, { method, start, spec, evalRows, metrics }: Kept): Promise<Model> {
  const { run, db, folder, attach } = work;
  const output = join(folder, "output/output");
  for (const name of readdirSync(output, { recursive: true, encoding: "utf8" }).sort())
    if (/\.[a-z]+$/i.test(name))
      await attach(`${MODEL_PREFIX}${name}`, mediaTypeOf(name), createReadStream(join(output, name)));
  for (const name of ["run.yaml", "output/events.jsonl"])
    await attach(name.replace("output/", ""), mediaTypeOf(name), createReadStream(join(folder, name)));
  const isAdapter = existsSync(join(output, "adapter_config.json"));
  return registerModel(
    db,
    { personId: run.createdBy },
    {
      projectId: start.projectId,
      name: spec.name,
      method,
      format: isAdapter ? "adapter" : "full",
      source: { kind: "run" },
      baseId: isAdapter && start.format === "adapter" ? start.baseId : start.id,
      parentId: start.id,
      runId: run.id,
      versionId: spec.versionId,
      metrics,
      heldOutRows: evalRows || null,
      createdBy: run.createdBy,
    },
  );
}

function mediaTypeOf(name: string): string {
  if (name.endsWith(".json")) return "application/json";
  if (name.endsWith(".jsonl")) return "application/jsonl";
  if (name.endsWith(".md")) return "text/markdown";
  if (name.endsWith(".yaml")) return "application/yaml";
  return "application/octet-stream";
}
