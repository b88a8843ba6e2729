import { attemptsAt } from "../../server/endpoint/ledger";
import { costOf } from "../../server/endpoint/price";
import type { Account } from "../../server/judge/record";
import { finishing, type JudgeRequest, requestOf } from "../../server/judge/request";
import { type Said, verdictOf } from "../../server/judge/verdict";
import { type Call, keyOf, type Settled } from "../text/call";
import { endpointOf } from "../text/endpoint";
import type { TextModel } from "../text/model";
import { runCalls } from "../text/runner";
import { Behind } from "./behind";
import { asking, itemOf, type Judging, nothingWritten, type OpenJudge } from "./judging";

interface JudgeCall extends Call {
  request: JudgeRequest;
  taskId: string;
  shown: number[];
  wording: number;
  /** What it said before, where it is asked to finish. */
  before?: Account;
}

interface Told {
  call: JudgeCall;
  said: Said;
  account: Account;
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

const sum = (one: number | null, other: number | null) =>
  one === null || other === null ? null : one + other;

/** What two replies to one question took together. */
const together = (before: Account, after: Account): Account => ({
  ...after,
  reply: [before.reply, after.reply].filter(Boolean).join("\n\n"),
  reasoning: [before.reasoning, after.reasoning].filter(Boolean).join("\n\n") || null,
  input: sum(before.input, after.input),
  output: sum(before.output, after.output),
  cost: sum(before.cost, after.cost),
  ms: sum(before.ms, after.ms),
  attempts: before.attempts + after.attempts,
});

/**
 * A judge whose model answers at an endpoint: its calls are made side by side, each paid once. Verdicts are written
 * behind the calls: whatever is lost of them with this process is a reply that is stored, and read again for nothing.
 */
export async function openEndpointJudge(judging: Judging, endpointId: string): Promise<OpenJudge> {
  const { work, version, cap, told } = judging;
  const { db, run, projectId, signal, stop } = work;
  const { endpoint, pace, model: open } = await endpointOf(db, { projectId, endpointId });
  const { model, msOf } = timed(open());
  const { logprobs: alternatives } = await model.capabilities();
  const rubricked = asking(judging);

  async function readCall(settled: Settled<JudgeCall>): Promise<Told> {
    const { call } = settled;
    const attempts = await attemptsAt(db, { endpointId, key: keyOf(model.name, call) });
    if ("failure" in settled)
      return {
        ...{ call, said: { failure: "error", reason: settled.failure } },
        account: { ...nothingWritten, attempts },
      };
    const { reply } = settled;
    const account: Account = {
      reply: reply.text,
      reasoning: reply.reasoning || null,
      model: reply.model,
      fingerprint: reply.fingerprint,
      input: reply.usage.input,
      output: reply.usage.output,
      cost: costOf(reply.usage, endpoint),
      ms: msOf(call.request.messages),
      attempts,
    };
    const { before } = call;
    return {
      call,
      said: verdictOf(rubricked, call.shown, reply),
      account: before ? together(before, account) : account,
    };
  }

  const keep = ({ call: { taskId, shown, sample, wording }, said, account }: Told) =>
    told({ taskId, order: shown, sample, wording, said, account });

  /** Makes calls and hands over what each said. @returns why some were left out */
  async function round(calls: readonly JudgeCall[], each: (said: Told) => Promise<void>) {
    const behind = new Behind();
    try {
      const { why } = await runCalls({
        ...{ db, endpoint, model, pace, calls, cap, runId: run.id, signal, stop },
        onSettled: (settled) => behind.add(async () => each(await readCall(settled))),
      });
      return why === "deadline" ? null : why;
    } finally {
      await behind.done();
    }
  }

  return {
    async ask(tasks) {
      const calls = tasks.flatMap((task) =>
        task.wanted.map(
          (place): JudgeCall => ({
            version: `judge ${version.id}`,
            item: task.taskId,
            order: place.order.join(" "),
            sample: place.sample,
            request: requestOf(rubricked, itemOf(task), { ...place, alternatives }),
            taskId: task.taskId,
            ...{ shown: place.order, wording: place.wording },
          }),
        ),
      );
      /** What ended without a verdict, by the call that asks for it once more. */
      const unfinished = new Map<JudgeCall, Told>();
      const why = await round(calls, async (one) => {
        const { call, said, account } = one;
        if (version.verdictBy !== "marker" || !isUnsaid(said) || !account.reply) return keep(one);
        const request = finishing(call.request, account.reply);
        unfinished.set({ ...call, before: account, request }, one);
      });
      const left =
        why ??
        (await round([...unfinished.keys()], async (one) => {
          // Without a second reply the first one stays, and what was wrong with it.
          if (one.account.reply === null) return;
          unfinished.delete(one.call);
          await keep(one);
        }));
      for (const one of unfinished.values()) await keep(one);
      return left;
    },
    close: async () => {},
  };
}

const isUnsaid = (said: Said) => "failure" in said && said.failure === "unparsed";
