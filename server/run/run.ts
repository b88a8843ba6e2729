import { and, asc, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { artifact, metric, run, runArtifact, runLog, worker } from "../../db/schema";
import { noteArtifact } from "../artifact/keep";
import type { Stored } from "../artifact/store";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { emit } from "../event/events";
import type { RunKind, RunProgress, RunRequirements, WorkerCapabilities } from "./schema";

export type Run = typeof run.$inferSelect;

/** A worker that says nothing for this long has lost its run. */
export const LEASE_SECONDS = 30;
/** The first retry waits this long, each later one twice as long. */
const BACKOFF_SECONDS = 5;

/** The channel that wakes workers. */
export const RUN_CHANNEL = "concord_run";

export interface NewRun {
  projectId: string | null;
  kind: RunKind;
  title: string;
  spec: Record<string, unknown>;
  requirements?: RunRequirements;
  groupId?: string;
  maxAttempts?: number;
  /** The same key of the same person starts one run only. */
  idempotencyKey?: string;
}

/** Queues a run. Asked twice with one idempotency key, it answers with the first. */
export async function queueRun(tx: Db, actor: Actor, input: NewRun): Promise<Run> {
  const [created] = await tx
    .insert(run)
    .values({ ...input, createdBy: actor.personId })
    .onConflictDoNothing()
    .returning();
  if (!created) {
    const [first] = await tx
      .select()
      .from(run)
      .where(
        and(eq(run.createdBy, actor.personId ?? ""), eq(run.idempotencyKey, input.idempotencyKey ?? "")),
      );
    if (!first) throw conflict("The run could not be queued.");
    return first;
  }
  await audit(tx, actor, {
    action: "run.queue",
    target: { kind: "run", id: created.id },
    projectId: created.projectId,
    after: { kind: created.kind, title: created.title, spec: created.spec },
  });
  await emitRun(tx, created, "queued");
  await tx.execute(sql`select pg_notify(${RUN_CHANNEL}, ${created.id})`);
  return created;
}

async function emitRun(
  tx: Db,
  of: Pick<Run, "id" | "projectId">,
  kind: string,
  payload: Record<string, unknown> = {},
) {
  await emit(tx, `run:${of.id}`, kind, payload);
  if (of.projectId) await emit(tx, `runs:${of.projectId}`, "changed", { runId: of.id });
}

/** Takes the run that has waited longest and that this worker can do, also one whose worker went silent. */
export async function claimRun(
  db: Db,
  {
    workerId,
    kinds,
    capabilities,
  }: { workerId: string; kinds: readonly RunKind[]; capabilities: WorkerCapabilities },
): Promise<Run | null> {
  if (kinds.length === 0) return null;
  // As one JSON parameter each: a worker may have none, and `in ()` is no SQL.
  const fits = sql`coalesce(${JSON.stringify(capabilities.engines)}::jsonb ? (${run.requirements}->>'engine'), true)
    and coalesce(${JSON.stringify(capabilities.clusters ?? [])}::jsonb ? (${run.requirements}->>'cluster'), true)
    and coalesce(${JSON.stringify(capabilities.devices)}::jsonb ? (${run.requirements}->>'device'), true)
    and coalesce((${run.requirements}->>'memoryBytes')::bigint <= ${capabilities.memoryBytes}, true)`;
  const [id] = await claim(db, {
    table: run,
    where: sql`available_at <= now() and kind in ${kinds} and ${fits}
      and (status = 'queued' or (status = 'running' and leased_until < now()))`,
    orderBy: sql`available_at`,
    set: sql`status = 'running', worker_id = ${workerId}, attempt = attempt + 1, error = null,
      leased_until = now() + make_interval(secs => ${LEASE_SECONDS}), started_at = coalesce(started_at, now())`,
  });
  if (!id) return null;
  const [taken] = await db.select().from(run).where(eq(run.id, id));
  await emitRun(db, taken, "running", { attempt: taken.attempt });
  return taken;
}

/**
 * Renews the lease and stores the progress.
 * @returns what people asked for meanwhile, or null when the lease was lost: then stop at once
 */
export async function heartbeat(
  db: Db,
  { runId, workerId, progress }: { runId: string; workerId: string; progress?: RunProgress },
): Promise<{ cancel: boolean; stop: boolean } | null> {
  const [held] = await db
    .update(run)
    .set({
      leasedUntil: sql`now() + make_interval(secs => ${LEASE_SECONDS})`,
      ...(progress ? { progress } : {}),
    })
    .where(and(eq(run.id, runId), eq(run.workerId, workerId), eq(run.status, "running")))
    .returning({
      id: run.id,
      projectId: run.projectId,
      cancel: run.cancelRequested,
      stop: run.stopRequested,
    });
  if (!held) return null;
  if (progress) await emitRun(db, held, "progress", { ...progress });
  return { cancel: held.cancel, stop: held.stop };
}

export type Outcome =
  | { status: "succeeded"; result: Record<string, unknown> }
  | { status: "cancelled" }
  /** `transient` failures are tried again, with growing pauses, until `maxAttempts`. */
  | { status: "failed"; error: string; transient: boolean };

/** Ends a run, or queues it again after a transient failure. Does nothing when the lease was lost. */
export async function finishRun(
  db: Db,
  { runId, workerId, outcome }: { runId: string; workerId: string; outcome: Outcome },
): Promise<void> {
  await db.transaction(async (tx) => {
    const mine = and(eq(run.id, runId), eq(run.workerId, workerId), eq(run.status, "running"));
    const [held] = await tx.select().from(run).where(mine).for("update");
    if (!held) return;
    const again = outcome.status === "failed" && outcome.transient && held.attempt < held.maxAttempts;
    await tx
      .update(run)
      .set(
        again
          ? {
              status: "queued",
              error: outcome.error,
              leasedUntil: null,
              availableAt: sql`now() + make_interval(secs => ${BACKOFF_SECONDS * 2 ** (held.attempt - 1)})`,
            }
          : {
              status: outcome.status,
              leasedUntil: null,
              finishedAt: new Date(),
              ...(outcome.status === "succeeded" ? { result: outcome.result } : {}),
              ...(outcome.status === "failed" ? { error: outcome.error } : {}),
            },
      )
      .where(eq(run.id, runId));
    if (outcome.status === "failed")
      await tx.insert(runLog).values({ runId, level: "error", message: outcome.error });
    await emitRun(tx, held, again ? "queued" : outcome.status);
  });
}

/** Gives a run back untouched, when its worker shuts down. The attempt does not count. */
export async function giveBackRun(
  db: Db,
  { runId, workerId }: { runId: string; workerId: string },
): Promise<void> {
  const [given] = await db
    .update(run)
    .set({ status: "queued", leasedUntil: null, attempt: sql`${run.attempt} - 1` })
    .where(and(eq(run.id, runId), eq(run.workerId, workerId), eq(run.status, "running")))
    .returning();
  if (given) await emitRun(db, given, "queued");
}

export async function logRun(
  db: Db,
  { runId, level, message }: { runId: string; level: "info" | "warning" | "error"; message: string },
): Promise<void> {
  await db.insert(runLog).values({ runId, level, message });
  await emit(db, `run:${runId}`, "log", { level, message });
}

export interface Point {
  name: string;
  step: number;
  value: number;
}

/** Points in one statement; PostgreSQL takes 65,535 parameters, four a point. */
const POINTS_AT_ONCE = 5000;

/** Stores points of curves. A point written again, after a resume, takes the place of the old one. */
export async function recordMetrics(db: Db, runId: string, points: readonly Point[]): Promise<void> {
  const unique = [...new Map(points.map((point) => [`${point.step} ${point.name}`, point])).values()];
  for (let start = 0; start < unique.length; start += POINTS_AT_ONCE)
    await db
      .insert(metric)
      .values(unique.slice(start, start + POINTS_AT_ONCE).map((point) => ({ runId, ...point })))
      .onConflictDoUpdate({
        target: [metric.runId, metric.name, metric.step],
        set: { value: sql`excluded.value`, at: sql`now()` },
      });
  const newest = unique.at(-1);
  if (newest) await emit(db, `run:${runId}`, "metrics", { step: newest.step });
}

/** Names a stored artifact as a file of the run. The bytes must be in the store already. */
export async function attachArtifact(
  db: Db,
  { runId, name, stored }: { runId: string; name: string; stored: Stored & { mediaType: string } },
): Promise<void> {
  await noteArtifact(db, stored);
  await db
    .insert(runArtifact)
    .values({ runId, name, sha256: stored.sha256 })
    .onConflictDoUpdate({ target: [runArtifact.runId, runArtifact.name], set: { sha256: stored.sha256 } });
}

/** A run waiting in the queue ends at once; a running one is asked to. */
export async function cancelRun(
  db: Db,
  actor: Actor,
  { runId, projectId, keepWork }: { runId: string; projectId: string; keepWork: boolean },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const before = await getRun(tx, { runId, projectId }, "update");
    if (before.status !== "queued" && before.status !== "running")
      throw conflict(
        `The run has already ${before.status === "cancelled" ? "been cancelled" : before.status}.`,
      );
    const [after] = await tx
      .update(run)
      .set(
        before.status === "queued"
          ? { status: "cancelled", finishedAt: new Date() }
          : keepWork
            ? { stopRequested: true }
            : { cancelRequested: true },
      )
      .where(eq(run.id, runId))
      .returning();
    await audit(tx, actor, {
      action: keepWork ? "run.stop" : "run.cancel",
      target: { kind: "run", id: runId },
      projectId,
      before: { status: before.status },
      after: { status: after.status },
    });
    await emitRun(tx, after, after.status);
    return after;
  });
}

/** Queues a failed or cancelled run again, to go on from its last checkpoint where it has one. */
export async function retryRun(
  db: Db,
  actor: Actor,
  { runId, projectId }: { runId: string; projectId: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const before = await getRun(tx, { runId, projectId }, "update");
    if (before.status !== "failed" && before.status !== "cancelled")
      throw conflict("Only a failed or cancelled run can be tried again.");
    const [after] = await tx
      .update(run)
      .set({
        status: "queued",
        attempt: 0,
        error: null,
        cancelRequested: false,
        stopRequested: false,
        finishedAt: null,
        availableAt: new Date(),
      })
      .where(eq(run.id, runId))
      .returning();
    await audit(tx, actor, {
      action: "run.retry",
      target: { kind: "run", id: runId },
      projectId,
      before: { status: before.status, error: before.error },
      after: { status: after.status },
    });
    await emitRun(tx, after, "queued");
    await tx.execute(sql`select pg_notify(${RUN_CHANNEL}, ${runId})`);
    return after;
  });
}

export async function getRun(
  db: Db,
  { runId, projectId }: { runId: string; projectId: string },
  lock?: "update",
): Promise<Run> {
  const query = db
    .select()
    .from(run)
    .where(and(eq(run.id, runId), eq(run.projectId, projectId)));
  const [found] = lock ? await query.for(lock) : await query;
  if (!found) throw notFound("The run");
  return found;
}

/** Newest first, one page after `cursor` (the id of the last one seen). */
export async function listRuns(
  db: Db,
  {
    projectId,
    kinds,
    cursor,
    limit,
  }: { projectId: string; kinds?: readonly RunKind[]; cursor?: string; limit: number },
): Promise<{ items: Run[]; nextCursor: string | null }> {
  const items = await db
    .select()
    .from(run)
    .where(
      and(
        eq(run.projectId, projectId),
        kinds?.length ? inArray(run.kind, [...kinds]) : undefined,
        cursor ? lt(run.id, cursor) : undefined,
      ),
    )
    .orderBy(desc(run.id))
    .limit(limit);
  return { items, nextCursor: items.length === limit ? items[items.length - 1].id : null };
}

export async function runLogAfter(
  db: Db,
  { runId, afterId, limit }: { runId: string; afterId: number; limit: number },
) {
  return db
    .select()
    .from(runLog)
    .where(and(eq(runLog.runId, runId), gt(runLog.id, afterId)))
    .orderBy(asc(runLog.id))
    .limit(limit);
}

export async function runFiles(db: Db, runId: string) {
  return db
    .select({
      name: runArtifact.name,
      sha256: artifact.sha256,
      size: artifact.size,
      mediaType: artifact.mediaType,
    })
    .from(runArtifact)
    .innerJoin(artifact, eq(artifact.sha256, runArtifact.sha256))
    .where(eq(runArtifact.runId, runId))
    .orderBy(asc(runArtifact.name));
}

/** Says that a worker is alive. */
export async function announceWorker(
  db: Db,
  { id, name, capabilities }: { id: string; name: string; capabilities: WorkerCapabilities },
): Promise<void> {
  await db
    .insert(worker)
    .values({ id, name, capabilities })
    .onConflictDoUpdate({ target: worker.id, set: { heartbeatAt: sql`now()`, capabilities } });
}

/** Forgets a worker that shut down. */
export async function dismissWorker(db: Db, id: string): Promise<void> {
  await db.delete(worker).where(eq(worker.id, id));
}

/** Workers that spoke within the last lease. */
export async function liveWorkers(db: Db) {
  return db
    .select()
    .from(worker)
    .where(gt(worker.heartbeatAt, sql`now() - make_interval(secs => ${LEASE_SECONDS})`))
    .orderBy(asc(worker.name));
}
