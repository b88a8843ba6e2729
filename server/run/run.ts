import { and, desc, eq, inArray, lt } from "drizzle-orm";
import type { Db } from "../../db/client";
import { run } from "../../db/schema";
import type { RunKind } from "../../db/shape/run-kinds";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import { emit } from "../event/events";

export type Run = typeof run.$inferSelect;

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

/** Writes a note or tags to a run, whatever its state. */
export async function describeRun(
  db: Db,
  actor: Actor,
  { runId, projectId, ...words }: { runId: string; projectId: string; note?: string; tags?: string[] },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const before = await getRun(tx, { runId, projectId }, "update");
    const after = { note: words.note ?? before.note, tags: words.tags ?? before.tags };
    const [changed] = await tx.update(run).set(after).where(eq(run.id, runId)).returning();
    await audit(tx, actor, {
      action: "run.describe",
      target: { kind: "run", id: runId },
      projectId,
      before: { note: before.note, tags: before.tags },
      after,
    });
    await emitRun(tx, changed, "described");
    return changed;
  });
}

/** Tells the pages of a run, and the list of its project, that it changed. */
export async function emitRun(
  tx: Db,
  of: Pick<Run, "id" | "projectId">,
  kind: string,
  payload: Record<string, unknown> = {},
) {
  await emit(tx, `run:${of.id}`, kind, payload);
  if (of.projectId) await emit(tx, `runs:${of.projectId}`, "changed", { runId: of.id });
}
