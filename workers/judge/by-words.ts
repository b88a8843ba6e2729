import { type JudgeRequest, type Place, requestOf } from "../../server/judge/request";
import type { TaskToJudge } from "../../server/judge/tasks";
import { verdictOf } from "../../server/judge/verdict";
import { replyOf } from "../text/ask";
import type { LocalModel } from "../text/local";
import { asking, itemOf, type Judging, nothingWrittenHere, reasonOf } from "./judging";

/** What is said before the conversation, said as its beginning: not every template has a turn for it. */
function inOneTurn({ messages, ...request }: JudgeRequest): JudgeRequest {
  return {
    ...request,
    messages: [{ role: "user", content: messages.map(({ content }) => content).join("\n\n") }],
  };
}

/** A model of the registry that judges by a rubric. */
export class LocalWords {
  readonly #judging: Judging;
  readonly #model: LocalModel;

  constructor(judging: Judging, model: LocalModel) {
    this.#judging = judging;
    this.#model = model;
  }

  async ask(tasks: readonly TaskToJudge[]): Promise<"stopped" | null> {
    const { stop, signal } = this.#judging.work;
    const { logprobs: alternatives } = await this.#model.capabilities();
    const rubricked = asking(this.#judging);
    for (const task of tasks)
      for (const place of task.wanted) {
        signal.throwIfAborted();
        if (stop.aborted) return "stopped";
        const request = inOneTurn(requestOf(rubricked, itemOf(task), { ...place, alternatives }));
        await this.#one(task.taskId, place, request);
      }
    return null;
  }

  async #one(taskId: string, place: Place, request: JudgeRequest): Promise<void> {
    const { work, told } = this.#judging;
    const began = performance.now();
    try {
      const reply = await replyOf(this.#model, { ...request, signal: work.signal });
      await told({
        ...{ taskId, ...place },
        said: verdictOf(asking(this.#judging), place.order, reply),
        account: {
          ...nothingWrittenHere,
          reply: reply.text,
          model: reply.model,
          input: reply.usage.input,
          output: reply.usage.output,
          ms: Math.round(performance.now() - began),
        },
      });
    } catch (error) {
      const said = { failure: "error" as const, reason: reasonOf(error, work.signal) };
      await told({ taskId, ...place, said, account: nothingWrittenHere });
    }
  }
}
