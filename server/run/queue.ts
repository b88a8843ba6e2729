import { isDeepStrictEqual } from "node:util";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { run } from "../../db/schema";
import type { RunRequirements } from "../../db/shape/run";
import type { RunKind } from "../../db/shape/run-kinds";
import { type Actor, audit } from "../audit/audit";
import { conflict } from "../errors";
import { emitRun, getRun, type Run } from "./run";

/** The channel that wakes workers. */
export const RUN_CHANNEL = "concord_run";

export interface NewRun {
  projectId: string | null;
  kind: RunKind;
  title: string;
  spec: Record<string, unknown>;
  requirements?: RunRequirements;
  groupId?: string;
  /** It begins when this run has succeeded. */
  afterId?: string;
  maxAttempts?: number;
  /** Not before this. */
  availableAt?: Date;
  /** The same key of the same person in the same project starts one run only. */
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
        and(
          eq(run.createdBy, actor.personId ?? ""),
          input.projectId ? eq(run.projectId, input.projectId) : isNull(run.projectId),
          eq(run.idempotencyKey, input.idempotencyKey ?? ""),
        ),
      );
    if (!first) throw conflict("The run could not be queued.");
    // As the database keeps it: without what is undefined.
    const asked: unknown = JSON.parse(JSON.stringify(input.spec));
    if (first.kind !== input.kind || !isDeepStrictEqual(first.spec, asked))
      throw conflict("This idempotency key started another run. Give every run its own key.");
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
        failures: 0,
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
