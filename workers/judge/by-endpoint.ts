import { attemptsAt } from "../../server/endpoint/ledger";
import { costOf } from "../../server/endpoint/price";
import { requestOf } from "../../server/judge/request";
import { verdictOf } from "../../server/judge/verdict";
import { type Call, keyOf, type Settled } from "../text/call";
import { endpointOf } from "../text/endpoint";
import type { TextModel } from "../text/model";
import { runCalls } from "../text/runner";
import { asking, itemOf, type Judging, nothingWritten, type OpenJudge } from "./judging";

interface JudgeCall extends Call {
  taskId: string;
  shown: readonly number[];
}

/** A model that tells how long its last answer to a conversation took: without the time that a request waits its turn. */
function timed(model: TextModel): { model: TextModel; msOf(messages: object): number | null } {
  const took = new WeakMap<object, number>();
  return {
    model: {
      ...model,
      async *generate(request) {
        const began = performance.now();
        yield* model.generate(request);
        took.set(request.messages, Math.round(performance.now() - began));
      },
    },
    msOf: (messages) => took.get(messages) ?? null,
  };
}

/** A judge whose model answers at an endpoint: its calls are made side by side, each paid once. */
export async function openEndpointJudge(judging: Judging, endpointId: string): Promise<OpenJudge> {
  const { work, version, cap, told } = judging;
  const { db, run, projectId, signal, stop } = work;
  const { endpoint, pace, model: open } = await endpointOf(db, { projectId, endpointId });
  const { model, msOf } = timed(open());
  const { logprobs: alternatives } = await model.capabilities();
  const rubricked = asking(judging);

  const onSettled = async (settled: Settled<JudgeCall>) => {
    const { call } = settled;
    const attempts = await attemptsAt(db, { endpointId, key: keyOf(model.name, call) });
    const place = { taskId: call.taskId, order: call.shown, sample: call.sample };
    if ("failure" in settled) {
      const said = { failure: "error" as const, reason: settled.failure };
      return told({ ...place, said, account: { ...nothingWritten, attempts } });
    }
    const { reply } = settled;
    await told({
      ...place,
      said: verdictOf(rubricked, call.shown, reply),
      account: {
        reply: reply.text,
        reasoning: reply.reasoning || null,
        model: reply.model,
        fingerprint: reply.fingerprint,
        input: reply.usage.input,
        output: reply.usage.output,
        cost: costOf(reply.usage, endpoint),
        ms: msOf(call.request.messages),
        attempts,
      },
    });
  };

  return {
    async ask(tasks) {
      const calls = tasks.flatMap((task) =>
        task.wanted.map(
          ({ order, sample }): JudgeCall => ({
            version: `judge ${version.id}`,
            item: task.taskId,
            order: order.join(" "),
            sample,
            request: requestOf(rubricked, itemOf(task), { order, sample, alternatives }),
            taskId: task.taskId,
            shown: order,
          }),
        ),
      );
      const round = { db, endpoint, model, pace, calls, cap, runId: run.id, signal, stop, onSettled };
      const { why } = await runCalls(round);
      return why === "deadline" ? null : why;
    },
    close: async () => {},
  };
}
