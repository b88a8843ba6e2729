import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Sql } from "postgres";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { outlast } from "../../db/outage";
import { chatTurn, membership, model, modelCall, modelCallPiece, project } from "../../db/schema";
import type { CallError, CallPiece, CallRequest } from "../../db/shape/model-call";
import type { Actor } from "../audit/audit";
import { invalid, notFound, tooMany, unavailable } from "../errors";
import { wakesOf } from "../event/bus";
import { CHANNEL } from "../event/events";
import { limits } from "../limits";
import { getModel } from "../model/model";
import type { Viewer } from "../trpc";
import type { ServedModel } from "./schema";

/** Workers hear on it that a call waits, or that nobody waits for one any more. */
export const CALL_CHANNEL = "concord_call";

/** A worker, or a site, that says nothing for so long is gone. */
const LEASE = sql`interval '15 seconds'`;
const RENEW_MS = 5_000;
/** Whether the rights last is asked so often, while tokens come by the dozen in a second. */
const RIGHTS_MS = 1_000;
/** How long the account of a call is kept. */
const KEPT = sql`interval '90 days'`;

const topicOf = (callId: string) => `call:${callId}`;

/** The models that somebody may call, newest first: those of projects in which they review or manage. */
export async function servedModels(db: Db, viewer: Viewer): Promise<ServedModel[]> {
  return db
    .select({
      id: model.id,
      projectId: model.projectId,
      name: model.name,
      project: project.name,
      method: model.method,
      createdAt: model.createdAt,
    })
    .from(model)
    .innerJoin(project, eq(project.id, model.projectId))
    .leftJoin(membership, and(eq(membership.projectId, project.id), eq(membership.personId, viewer.personId)))
    .where(
      and(
        isNull(model.archivedAt),
        viewer.isAdmin ? undefined : inArray(membership.role, ["manager", "reviewer"]),
      ),
    )
    .orderBy(desc(model.createdAt));
}

/**
 * Asks a model for something; a worker answers.
 * @throws TOO_MANY_REQUESTS where as many wait, or were asked in the last minute, as may
 */
export async function startCall(
  db: Db,
  actor: Actor & { personId: string },
  { projectId, modelId, request }: { projectId: string; modelId: string; request: CallRequest },
): Promise<{ callId: string }> {
  return db.transaction((tx) => queueCall(tx, actor, { projectId, modelId, request }));
}

/** The same in a transaction of the caller's, as one speaker of a turn of `server/chat` or alone. */
export async function queueCall(
  tx: Db,
  actor: Actor & { personId: string },
  {
    projectId,
    modelId,
    request,
    ...turn
  }: { projectId: string; modelId: string; request: CallRequest; turnId?: string; place?: number },
): Promise<{ callId: string }> {
  const { name, method } = await getModel(tx, { projectId, modelId });
  if (request.kind === "write" && method === "reward")
    throw invalid(`${name} is a reward model: it scores and does not write.`);
  await refuseTooMany(tx, actor.personId);
  const [{ callId }] = await tx
    .insert(modelCall)
    .values({
      ...{ projectId, modelId, request, personId: actor.personId, tokenId: actor.tokenId, ...turn },
      wantedUntil: sql`now() + ${LEASE}`,
    })
    .returning({ callId: modelCall.id });
  await tx.execute(sql`select pg_notify(${CALL_CHANNEL}, '')`);
  return { callId };
}

/** Held by whoever counts calls to add one; no other advisory lock has this number. */
const CALLS_LOCK = 7265005;

const isOpen = inArray(modelCall.status, ["queued", "running"]);

/**
 * One at a time until the transaction ends, so that requests sent at once do not each count before any is there. One of
 * the limits is on all people's together.
 */
async function refuseTooMany(tx: Db, personId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${CALLS_LOCK})`);
  const mine = eq(modelCall.personId, personId);
  const [[all], [own], [lately]] = await Promise.all([
    tx.select({ count: sql<number>`count(*)::int` }).from(modelCall).where(isWaiting),
    tx.select({ count: sql<number>`count(*)::int` }).from(modelCall).where(and(isWaiting, mine)),
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(modelCall)
      .where(and(mine, gt(modelCall.createdAt, sql`now() - interval '1 minute'`))),
  ]);
  if (own.count >= limits.callsOfPerson)
    throw tooMany(`${own.count} of your requests wait for an answer already, as many as may at once.`);
  if (lately.count >= limits.callsPerMinute)
    throw tooMany(`You sent ${lately.count} requests within a minute, as many as may be.`);
  if (all.count >= limits.callsWaiting)
    throw tooMany(`${all.count} requests wait for models already, as many as may at once.`);
}

/** What somebody still waits for. */
const isWaiting = and(isOpen, gt(modelCall.wantedUntil, sql`now()`));

export interface FollowedCall {
  projectId: string;
  personId: string;
  callId: string;
  /** Asked before anything is told: rights end while an answer is on its way. */
  mayStill: () => Promise<boolean>;
  signal: AbortSignal;
}

/**
 * The pieces of an answer as they come, of a call that one made oneself. Whoever stops reading, or aborts, has it
 * stopped.
 * @throws BAD_REQUEST for what the model cannot read, SERVICE_UNAVAILABLE where its worker is gone
 */
export async function* followCall(
  db: Db,
  sqlClient: Sql,
  { projectId, personId, callId, mayStill, signal }: FollowedCall,
): AsyncGenerator<CallPiece> {
  const mine = and(
    eq(modelCall.id, callId),
    eq(modelCall.projectId, projectId),
    eq(modelCall.personId, personId),
  );
  const wakes = wakesOf(sqlClient, topicOf(callId), signal);
  const renewing = setInterval(() => {
    db.update(modelCall)
      .set({ wantedUntil: sql`now() + ${LEASE}` })
      .where(and(mine, isOpen))
      .catch(() => {});
  }, RENEW_MS);
  let left: Promise<void> | undefined;
  const leave = () => {
    left ??= leaveCall(db, callId).catch(() => {});
    clearInterval(renewing);
    wakes.end();
    return left;
  };
  // Who aborts while a piece waits to be read reads it no more: nothing but this would end the call then.
  signal.addEventListener("abort", leave, { once: true });
  let next = 0;
  let rightsAt = 0;
  try {
    for (;;) {
      // Before its pieces: what it says then is all there.
      const [call] = await outlast(
        () =>
          db
            .select({
              status: modelCall.status,
              error: modelCall.error,
              isLost: sql<boolean>`status = 'running' and leased_until < now()`,
            })
            .from(modelCall)
            .where(mine),
        signal,
      );
      if (!call) throw notFound("The call");
      const pieces = await outlast(
        () =>
          db
            .select({ position: modelCallPiece.position, piece: modelCallPiece.piece })
            .from(modelCallPiece)
            .where(and(eq(modelCallPiece.callId, callId), sql`${modelCallPiece.position} >= ${next}`))
            .orderBy(modelCallPiece.position),
        signal,
      );
      if (pieces.length > 0 && Date.now() - rightsAt > RIGHTS_MS) {
        if (!(await outlast(mayStill, signal))) throw notFound("The call");
        rightsAt = Date.now();
      }
      for (const { position, piece } of pieces) {
        next = position + 1;
        yield piece;
      }
      if (call.status === "failed")
        throw (call.error?.expected ? invalid : unavailable)(call.error?.message ?? "It failed.");
      if (call.isLost) throw unavailable("The worker that answered was ended. Send the request again.");
      if (call.status !== "queued" && call.status !== "running") return;
      await wakes.next();
    }
  } finally {
    signal.removeEventListener("abort", leave);
    await leave();
  }
}

/** Nobody waits for a call any more: it is stopped if it goes on, and what was said is forgotten. */
async function leaveCall(db: Db, callId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .update(modelCall)
      .set({ status: "cancelled", endedAt: sql`now()`, request: null, leasedUntil: null })
      .where(and(eq(modelCall.id, callId), isOpen));
    await tx.delete(modelCallPiece).where(eq(modelCallPiece.callId, callId));
    await tx.execute(sql`select pg_notify(${CALL_CHANNEL}, ${callId})`);
  });
}

export type Call = Pick<
  typeof modelCall.$inferSelect,
  "id" | "projectId" | "modelId" | "personId" | "place"
> & {
  request: CallRequest;
};

/** Takes the call that has waited longest, first of those for the model that the worker has open. */
export async function claimCall(
  db: Db,
  { openModelId }: { openModelId: string | null },
): Promise<Call | null> {
  const waits = sql`status = 'queued' and wanted_until > now()`;
  const [id] = await claim(db, {
    table: modelCall,
    // Others wait no longer than this for a model that somebody else keeps busy.
    where: openModelId
      ? [
          sql`${waits} and created_at < now() - interval '10 seconds'`,
          sql`${waits} and model_id = ${openModelId}`,
          waits,
        ]
      : waits,
    orderBy: sql`created_at`,
    set: sql`status = 'running', leased_until = now() + ${LEASE}, started_at = now()`,
  });
  if (!id) return null;
  const [taken] = await db.select().from(modelCall).where(eq(modelCall.id, id));
  return taken?.request ? { ...taken, request: taken.request } : null;
}

/** Keeps a call for another lease. @returns whether somebody still waits for it */
export async function renewCall(db: Db, callId: string): Promise<boolean> {
  const renewed = await db
    .update(modelCall)
    .set({ leasedUntil: sql`now() + ${LEASE}` })
    .where(
      and(eq(modelCall.id, callId), eq(modelCall.status, "running"), gt(modelCall.wantedUntil, sql`now()`)),
    )
    .returning({ id: modelCall.id });
  return renewed.length > 0;
}

/** Tells whoever waits for a call the next pieces of its answer. */
export async function tellPieces(
  db: Db,
  callId: string,
  pieces: readonly { position: number; piece: CallPiece }[],
): Promise<void> {
  await db.transaction(async (tx) => {
    // One that was left takes nothing more.
    const open = tx
      .select({ id: modelCall.id })
      .from(modelCall)
      .where(and(eq(modelCall.id, callId), isOpen));
    if ((await open.for("key share")).length === 0) return;
    await tx.insert(modelCallPiece).values(pieces.map((told) => ({ callId, ...told })));
    await tx.execute(sql`select pg_notify(${CHANNEL}, ${topicOf(callId)})`);
  });
}

export interface Ended {
  /** Absent where it was answered. */
  error?: CallError;
  inputTokens: number;
  outputTokens: number;
}

/** Of an answer that may be judged: sha256 in hexadecimal digits, as `keys.sha256` gives of the text. */
const hashOfAnswer = sql`case when ${modelCall.turnId} is not null then (
  select encode(sha256(convert_to(coalesce(string_agg(piece->>'text', '' order by position)
    filter (where piece->>'kind' = 'text'), ''), 'utf8')), 'hex')
  from ${modelCallPiece} where call_id = ${modelCall.id}) end`;

/** Ends a call; of what was asked nothing stays but how much it was. */
export async function endCall(
  db: Db,
  callId: string,
  { error, inputTokens, outputTokens }: Ended,
): Promise<void> {
  await db.transaction(async (tx) => {
    const account = { inputTokens, outputTokens };
    const [ended] = await tx
      .update(modelCall)
      .set({
        ...account,
        status: error ? "failed" : "done",
        error,
        endedAt: sql`now()`,
        request: null,
        leasedUntil: null,
        said: error ? null : hashOfAnswer,
      })
      .where(and(eq(modelCall.id, callId), eq(modelCall.status, "running")))
      .returning({ id: modelCall.id });
    // Left in the middle: what was computed until then counts all the same.
    if (!ended) await tx.update(modelCall).set(account).where(eq(modelCall.id, callId));
    await tx.execute(sql`select pg_notify(${CHANNEL}, ${topicOf(callId)})`);
  });
}

/** Forgets what was asked by sites that are gone, and the accounts of long ago. */
export async function sweepCalls(db: Db): Promise<void> {
  await db
    .update(modelCall)
    .set({ status: "cancelled", endedAt: sql`now()`, request: null, leasedUntil: null })
    .where(and(isOpen, lt(modelCall.wantedUntil, sql`now()`)));
  await db.execute(sql`delete from ${modelCallPiece} where call_id in (
    select id from ${modelCall} where ended_at < now() - ${LEASE})`);
  await db
    .delete(modelCall)
    .where(and(isNotNull(modelCall.endedAt), lt(modelCall.endedAt, sql`now() - ${KEPT}`)));
  await db.delete(chatTurn).where(lt(chatTurn.createdAt, sql`now() - ${KEPT}`));
}
