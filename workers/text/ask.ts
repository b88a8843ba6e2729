import type { Db } from "../../db/client";
import { outlast } from "../../db/outage";
import type { Reply } from "../../db/shape/endpoint";
import { storable } from "../../db/shape/written-json";
import {
  type Attempt,
  beginAttempts,
  type Ending,
  finishAttempts,
  withdrawAttempt,
} from "../../server/endpoint/ledger";
import { costOf, type Prices } from "../../server/endpoint/price";
import { Batch } from "./batch";
import { type End, type GenerateRequest, type Piece, TextError, type TextModel } from "./model";
import type { Leaving } from "./pace";

/** The lines of a round in the ledger. */
export interface Lines {
  /** @returns null while somebody else makes the call, and when its reply is there */
  begin(call: { key: string; bound: number | null }): Promise<Attempt | null>;
  finish(ending: Ending): Promise<unknown>;
}

export interface Asked {
  db: Db;
  endpoint: { id: string } & Prices;
  model: TextModel;
  lines: Lines;
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
  const { db, endpoint, lines, bound, signal, underWay } = asked;
  const attempt = await lines.begin(asked);
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
    await lines.finish({
      ...attempt,
      outcome: "answered",
      status: 200,
      cost,
      reply,
    });
    return { kind: "reply", reply, spent: cost ?? bound ?? 0 };
  } catch (error) {
    if (signal.aborted) {
      await lines.finish({
        ...attempt,
        outcome: "unknown",
        error: "Given up before its end.",
      });
      throw error;
    }
    if (!(error instanceof TextError)) throw error;
    const { status, maybeCharged } = error.details;
    await lines.finish({
      ...attempt,
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

/** Lines that come at the same time are written together. */
export function linesOf(
  db: Db,
  whose: { endpointId: string; holder: string; runId: string | null },
  signal: AbortSignal,
): Lines {
  const begins = new Batch((calls: readonly Parameters<Lines["begin"]>[0][]) =>
    beginAttempts(db, whose, calls),
  );
  const ends = new Batch(async (endings: readonly Ending[]) => {
    // A reply that has been paid for waits for a database that is away.
    await outlast(() => finishAttempts(db, endings), signal);
    return endings;
  });
  return {
    begin: ({ key, bound }) => begins.add({ key, bound }),
    finish: (ending) => ends.add(ending),
  };
}

/** A request that writes nothing, such as for vectors, with its line in the ledger. It is made once. */
export async function note<T>(
  asked: Pick<Asked, "endpoint" | "lines" | "key" | "bound">,
  make: (told: (tokens: number | null) => void) => Promise<T>,
): Promise<T> {
  const { endpoint, lines } = asked;
  const attempt = await lines.begin(asked);
  if (!attempt) throw new Error("This request was made before.");
  let input: number | null = null;
  try {
    const made = await make((tokens) => {
      input = tokens;
    });
    const usage = { input, cached: null, output: 0 };
    const cost = costOf(usage, endpoint);
    await lines.finish({ ...attempt, outcome: "answered", status: 200, usage, cost });
    return made;
  } catch (error) {
    const isSeen = error instanceof TextError && !error.details.maybeCharged;
    await lines.finish({
      ...attempt,
      outcome: isSeen ? "failed" : "unknown",
      status: isSeen ? error.details.status : undefined,
      error: storable(error instanceof Error ? error.message : String(error)),
    });
    throw error;
  }
}

/** A whole reply, as it can be stored. @throws TextError where it broke off */
export async function replyOf<R extends GenerateRequest>(
  model: { name: string; generate(request: R): AsyncIterable<Piece> },
  request: R,
): Promise<Reply> {
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
