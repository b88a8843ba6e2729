import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { run, runLog } from "../../db/schema";
import type { RunProgress, WorkerCapabilities } from "../../db/shape/run";
import type { RunKind } from "../../db/shape/run-kinds";
import { RUN_CHANNEL } from "./queue";
import { emitRun, type Run } from "./run";

/** A worker that says nothing for this long has lost its run. */
export const LEASE_SECONDS = 30;
/** The first retry waits this long, each later one twice as long. */
const BACKOFF_SECONDS = 5;
const LONGEST_BACKOFF_SECONDS = 600;
/** With these pauses about a day. */
const FAILURES_IN_BAD_SURROUNDINGS = 150;

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
      and (status = 'queued' or (status = 'running' and leased_until < now()))
      and (after_id is null or exists (
        select from ${run} before where before.id = ${run.afterId} and before.status = 'succeeded'))`,
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

/**
 * Whether a run that failed is tried again, with growing pauses.
 * - `never`         it would fail again
 * - `in a row`      until `maxAttempts` failures in a row
 * - `new row`       the same, counted from this one: the attempt got further than those before
 * - `surroundings`  for about a day: a disk is full, somebody will mend that, and the run need not be asked for again
 */
export type Retry = "never" | "in a row" | "new row" | "surroundings";

export type Outcome =
  | { status: "succeeded"; result: Record<string, unknown> }
  | { status: "cancelled" }
  | { status: "failed"; error: string; retry: Retry };

/** Ends a run, or queues it again after a failure that may pass. Does nothing when the lease was lost. */
export async function finishRun(
  db: Db,
  { runId, workerId, outcome }: { runId: string; workerId: string; outcome: Outcome },
): Promise<void> {
  await db.transaction(async (tx) => {
    const mine = and(eq(run.id, runId), eq(run.workerId, workerId), eq(run.status, "running"));
    const [held] = await tx.select().from(run).where(mine).for("update");
    if (!held) return;
    const failures = outcome.status === "failed" && outcome.retry === "new row" ? 1 : held.failures + 1;
    const again = outcome.status === "failed" && failures < mostFailures(held, outcome.retry);
    await tx
      .update(run)
      .set(
        again
          ? {
              status: "queued",
              failures,
              error: outcome.error,
              leasedUntil: null,
              availableAt: sql`now() + make_interval(secs => ${Math.min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** (failures - 1))})`,
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
    // What waited for it is claimed at once.
    if (outcome.status === "succeeded")
      await tx.execute(sql`select pg_notify(${RUN_CHANNEL}, id::text) from ${run} where after_id = ${runId}`);
  });
}

/** A run that is tried once, because somebody waits for it, is tried once wherever it runs. */
function mostFailures({ maxAttempts }: Run, retry: Retry): number {
  if (retry === "never") return 0;
  return retry === "surroundings" && maxAttempts > 1 ? FAILURES_IN_BAD_SURROUNDINGS : maxAttempts;
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
