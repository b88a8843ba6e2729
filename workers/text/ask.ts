import type { Db } from "../../db/client";
import { outlast } from "../../db/outage";
import type { Reply } from "../../db/shape/endpoint";
import { storable } from "../../db/shape/written-json";
import { type Attempt, beginAttempt, finishAttempt, withdrawAttempt } from "../../server/endpoint/ledger";
import { costOf, type Prices } from "../../server/endpoint/price";
import { type End, type GenerateRequest, TextError, type TextModel } from "./model";
import type { Leaving } from "./pace";

export interface Asked {
  db: Db;
  endpoint: { id: string } & Prices;
  model: TextModel;
  /** Whoever makes the calls of a round. */
  holder: string;
  /** The run that pays. */
  runId: string | null;
  key: string;
  /** What it costs at most, in US dollars. */
  bound: number | null;
  request: Omit<GenerateRequest, "signal">;
  signal: AbortSignal;
  /** Calls under way, whose lease is being renewed. */
  underWay: Set<string>;
  /** Waits for a place at the endpoint. @throws where nothing is to go out any more */
  start(): Promise<void>;
  /** The place at the endpoint is free again: before anything is written down. */
  leave(how: Leaving): void;
}

/** `spent`: US dollars that it cost, or may have cost. */
export type Outcome =
  | { kind: "reply"; reply: Reply; spent: number }
  | { kind: "error"; error: TextError; spent: number }
  /** Somebody else is making the call, or has just made it. */
  | { kind: "elsewhere"; spent: number };

/** One request, with its line in the ledger before and after. */
export async function ask(asked: Asked): Promise<Outcome> {
  const { db, endpoint, bound, signal, underWay } = asked;
  const attempt = await beginAttempt(db, { ...asked, endpointId: endpoint.id });
  if (!attempt) return { kind: "elsewhere", spent: 0 };
  underWay.add(attempt.callId);
  try {
    await asked.start();
  } catch (error) {
    underWay.delete(attempt.callId);
    await outlast(() => withdrawAttempt(db, attempt), signal);
    throw error;
  }
  try {
    const reply = await sent(asked);
    const cost = costOf(reply.usage, endpoint);
    await finish(asked, attempt, { outcome: "answered", status: 200, cost, reply });
    return { kind: "reply", reply, spent: cost ?? bound ?? 0 };
  } catch (error) {
    if (signal.aborted) {
      await finish(asked, attempt, { outcome: "unknown", error: "Given up before its end." });
      throw error;
    }
    if (!(error instanceof TextError)) throw error;
    const { status, maybeCharged } = error.details;
    await finish(asked, attempt, {
      outcome: maybeCharged ? "unknown" : "failed",
      status,
      error: storable(error.message),
    });
    return { kind: "error", error, spent: maybeCharged ? (bound ?? 0) : 0 };
  } finally {
    underWay.delete(attempt.callId);
  }
}

/** The request itself, while it has its place at the endpoint. */
async function sent({ model, request, signal, leave }: Asked): Promise<Reply> {
  let how: Leaving = { went: "ill" };
  try {
    const reply = await replyOf(model, { ...request, signal });
    const { input, output } = reply.usage;
    how = { went: "well", used: input === null || output === null ? null : input + output };
    return reply;
  } catch (error) {
    const { status, retryAfterMs } = error instanceof TextError ? error.details : {};
    if (status !== undefined && OVERLOADED.has(status))
      how = { went: "overloaded", restMs: retryAfterMs ?? 0 };
    throw error;
  } finally {
    leave(how);
  }
}

const OVERLOADED = new Set([429, 503, 529]);

/** A request that writes nothing, such as for vectors, with its line in the ledger. It is made once. */
export async function note<T>(
  asked: Pick<Asked, "db" | "endpoint" | "key" | "bound" | "signal"> & { runId: string },
  make: (told: (tokens: number | null) => void) => Promise<T>,
): Promise<T> {
  const { db, endpoint, runId, signal } = asked;
  const attempt = await beginAttempt(db, { ...asked, endpointId: endpoint.id, holder: runId });
  if (!attempt) throw new Error("This request was made before.");
  let input: number | null = null;
  const finish = (end: Parameters<typeof finishAttempt>[2]) =>
    outlast(() => finishAttempt(db, attempt, end), signal);
  try {
    const made = await make((tokens) => {
      input = tokens;
    });
    const usage = { input, cached: null, output: 0 };
    await finish({ outcome: "answered", status: 200, usage, cost: costOf(usage, endpoint) });
    return made;
  } catch (error) {
    const isSeen = error instanceof TextError && !error.details.maybeCharged;
    const message = error instanceof Error ? error.message : String(error);
    await finish({
      outcome: isSeen ? "failed" : "unknown",
      status: isSeen ? error.details.status : undefined,
      error: storable(message),
    });
    throw error;
  }
}

/** A reply that has been paid for waits for a database that is away. */
const finish = ({ db, signal }: Asked, attempt: Attempt, end: Parameters<typeof finishAttempt>[2]) =>
  outlast(() => finishAttempt(db, attempt, end), signal);

/** A whole reply, as it can be stored. @throws TextError where it broke off */
export async function replyOf(model: TextModel, request: GenerateRequest): Promise<Reply> {
  let text = "";
  let reasoning = "";
  let end: End | null = null;
  for await (const piece of model.generate(request)) {
    if (piece.type === "text") text += piece.text;
    else if (piece.type === "reasoning") reasoning += piece.text;
    else end = piece;
  }
  if (!end) throw new TextError(`${model.name} broke its answer off.`, "later", { maybeCharged: true });
  const { type: _, ...rest } = end;
  return cleaned({ text, reasoning, ...rest });
}

/** As PostgreSQL can hold it. */
function cleaned(reply: Reply): Reply {
  const { logprobs, toolCalls } = reply;
  const named = <T extends { token: string }>(token: T): T => ({ ...token, token: storable(token.token) });
  return {
    ...reply,
    text: storable(reply.text),
    reasoning: storable(reply.reasoning),
    ...(logprobs ? { logprobs: logprobs.map((one) => ({ ...named(one), top: one.top.map(named) })) } : {}),
    ...(toolCalls
      ? {
          toolCalls: toolCalls.map((call) => ({
            name: storable(call.name),
            arguments: storable(call.arguments),
          })),
        }
      : {}),
  };
}
