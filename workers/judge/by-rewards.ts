import { z } from "zod";
import { kindOf } from "../../server/form/schema";
import type { TaskToJudge } from "../../server/judge/tasks";
import type { Said } from "../../server/judge/verdict";
import type { Model } from "../../server/model/schema";
import { getRun } from "../../server/run/run";
import type { LocalModel } from "../text/local";
import { type Judging, nothingWrittenHere, reasonOf } from "./judging";

/** Tasks whose responses are scored in one batch. */
const TASKS_AT_ONCE = 8;
/** As TRL's and the engine's default. */
const BETA = 0.1;

const tunedWith = z.object({ options: z.object({ beta: z.number().positive() }) });

/**
 * A model of the registry whose rewards are the verdict: of a reward model its score r, of a preference-tuned one the
 * implicit reward β·log(π/π_ref) with the β of its training. P(a better than b) = 1/(1 + exp(r_b − r_a)), Bradley–Terry,
 * which both were trained by (Rafailov et al., 2023).
 */
export class LocalRewards {
  readonly #judging: Judging;
  readonly #model: LocalModel;
  readonly #made: Model;

  constructor(judging: Judging, model: LocalModel, made: Model) {
    this.#judging = judging;
    this.#model = model;
    this.#made = made;
  }

  async ask(tasks: readonly TaskToJudge[]): Promise<"stopped" | null> {
    const { stop, signal } = this.#judging.work;
    const unit = await this.#unit();
    const open = tasks.filter(({ wanted }) => wanted.length > 0);
    for (let at = 0; at < open.length; at += TASKS_AT_ONCE) {
      signal.throwIfAborted();
      if (stop.aborted) return "stopped";
      await this.#score(open.slice(at, at + TASKS_AT_ONCE), unit);
    }
    return null;
  }

  /** Nats of a reward a unit of the model's. */
  async #unit(): Promise<number> {
    const { method, runId } = this.#made;
    if (method === "reward") return 1;
    const { db, projectId } = this.#judging.work;
    const made = runId ? await getRun(db, { runId, projectId }) : null;
    const { data } = tunedWith.safeParse(made?.spec);
    return data?.options.beta ?? BETA;
  }

  /** Scores tasks together; where one of them cannot be read, each by itself, so that it fails alone. */
  async #score(tasks: readonly TaskToJudge[], unit: number): Promise<void> {
    const { signal } = this.#judging.work;
    const began = performance.now();
    const pairs = tasks.flatMap(({ messages, responses }) =>
      responses.map(({ content }) => ({ messages, response: content })),
    );
    try {
      const rewards = await this.#model.score(pairs, signal);
      const ms = Math.round((performance.now() - began) / tasks.length);
      for (const task of tasks) {
        const own = rewards.splice(0, task.responses.length).map((reward) => reward * unit);
        await this.#tell(task, this.#saidBy(own), ms);
      }
    } catch (error) {
      const reason = reasonOf(error, signal);
      if (tasks.length > 1) for (const task of tasks) await this.#score([task], unit);
      else await this.#tell(tasks[0], { failure: "error", reason }, null);
    }
  }

  #saidBy(rewards: readonly number[]): Said {
    const { question } = this.#judging;
    if (!rewards.every(Number.isFinite)) return { failure: "error", reason: "A reward is not a number." };
    const answer = kindOf(question.type).judging?.byScores?.(question, rewards) ?? null;
    if (!answer) return { failure: "unparsed", reason: "Rewards are equal, and the question offers no tie." };
    const p = rewards.length === 2 ? 1 / (1 + Math.exp(rewards[1] - rewards[0])) : null;
    return { answer, p, mass: null };
  }

  #tell({ taskId, wanted: [place] }: TaskToJudge, said: Said, ms: number | null): Promise<void> {
    const account = { ...nothingWrittenHere, model: this.#made.name, ms };
    return this.#judging.told({ taskId, ...place, said, account });
  }
}
