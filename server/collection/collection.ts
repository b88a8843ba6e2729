import { and, desc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { person, run } from "../../db/schema";
import { type Actor, system } from "../audit/audit";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { type Collection, type CollectionSpec, collectionReportSchema, collectionSpecSchema } from "./schema";

const ofInstance = and(eq(run.kind, "collect"), isNull(run.projectId));

/** What may still be on its way to what it is for when a project is deleted gets there within this. */
const AFTER_DELETION_MS = 60_000;

/** Queues a collection of what nobody needs. */
export async function startCollection(tx: Db, actor: Actor, spec: CollectionSpec): Promise<Run> {
  return queueRun(tx, actor, {
    projectId: null,
    kind: "collect",
    title: "Collect what nobody needs",
    spec,
    ...(spec.cause === "project deleted" && { availableAt: new Date(Date.now() + AFTER_DELETION_MS) }),
  });
}

/** Queues the collection of the day, unless there was one. Any number of sites may ask. */
export async function startDailyCollection(db: Db): Promise<Run | undefined> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7265004)`);
    const [recent] = await tx
      .select({ id: run.id })
      .from(run)
      .where(
        and(ofInstance, or(eq(run.status, "queued"), gt(run.createdAt, sql`now() - interval '24 hours'`))),
      )
      .limit(1);
    return recent ? undefined : startCollection(tx, system, { cause: "daily" });
  });
}

/** Collections and what they took away, newest first. */
export async function listCollections(
  db: Db,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ items: Collection[]; nextCursor: string | null }> {
  const rows = await db
    .select({ run, personName: person.name })
    .from(run)
    .leftJoin(person, eq(person.id, run.createdBy))
    .where(and(ofInstance, cursor ? lt(run.id, cursor) : undefined))
    .orderBy(desc(run.id))
    .limit(limit);
  const items = rows.map(({ run, personName }) => ({
    id: run.id,
    status: run.status,
    error: run.error,
    cause: collectionSpecSchema.parse(run.spec).cause,
    personName,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    report: run.result ? collectionReportSchema.parse(run.result) : null,
  }));
  return { items, nextCursor: items.length === limit ? (items.at(-1)?.id ?? null) : null };
}
