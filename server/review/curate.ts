import { and, eq, gte, inArray, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, assignment, curation, rater } from "../../db/schema";
import type { reopenTargets } from "../../db/shape/review";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { pairsOf, recountPairs } from "../judgement/pairs";
import { retire } from "../judgement/retire";
import { replaceSeats } from "../seat/replace";

interface SomeAnnotations {
  projectId: string;
  annotationIds: readonly string[];
  reason: string;
}

type Judged = Awaited<ReturnType<typeof lockJudged>>;

/**
 * Annotations that count at present, none of them on a gold item, where nothing counts; locked until the transaction ends: first their seats, as whoever judges on one does,
 * and each in the order of ids, so that two who want the same wait for one another instead of each for the other.
 */
async function lockJudged(tx: Db, projectId: string, where: SQL | undefined) {
  const counts = and(
    eq(annotation.projectId, projectId),
    eq(annotation.current, true),
    eq(annotation.apart, false),
    where,
  );
  const seats = tx.select({ id: annotation.assignmentId }).from(annotation).where(counts);
  await tx
    .select({ id: assignment.id })
    .from(assignment)
    .where(inArray(assignment.id, seats))
    .orderBy(assignment.id)
    .for("update");
  return tx
    .select({ id: annotation.id, taskId: annotation.taskId, assignmentId: annotation.assignmentId })
    .from(annotation)
    .where(counts)
    .orderBy(annotation.id)
    .for("update");
}

/** @throws NOT_FOUND when one of the ids is not a current annotation of this project */
async function lockNamed(tx: Db, { projectId, annotationIds }: SomeAnnotations): Promise<Judged> {
  const found = await lockJudged(tx, projectId, anyOf(annotation.id, annotationIds));
  if (found.length < new Set(annotationIds).size)
    throw notFound("One of the judgements, in its current revision,");
  return found;
}

const idsOf = (judged: Judged) => judged.map(({ id }) => id);
const seatsOf = (judged: Judged) => judged.flatMap(({ assignmentId }) => assignmentId ?? []);

/** Writes the decision about each annotation, and one audit row for all. */
async function record(
  tx: Db,
  actor: Actor,
  {
    projectId,
    judged,
    action,
    reason,
  }: { projectId: string; judged: Judged; action: (typeof curation.$inferInsert)["action"]; reason: string },
): Promise<{ annotations: number }> {
  await tx.execute(sql`
    insert into ${curation} (project_id, task_id, annotation_id, action, reason, person_id)
    select ${projectId}::uuid, task_id, id, ${action}::curation_action, ${reason}, ${actor.personId}::uuid
    from ${annotation} where ${anyOf(annotation.id, idsOf(judged))}`);
  await audit(tx, actor, {
    action: `review.${action}`,
    target: { kind: "project", id: projectId },
    projectId,
    after: { reason, annotationIds: idsOf(judged) },
  });
  return { annotations: judged.length };
}

async function setExcluded(tx: Db, judged: Judged, reason: string | null): Promise<void> {
  await tx
    .update(annotation)
    .set({ excludedAt: reason === null ? null : new Date(), excludedReason: reason })
    .where(anyOf(annotation.id, idsOf(judged)));
  await recountPairs(tx, pairsOf(idsOf(judged)));
}

/** @throws CONFLICT when a seat is closed, because its rater withdrew consent: others have the task already */
async function requireSeats(tx: Db, judged: Judged): Promise<void> {
  const closed = and(anyOf(assignment.id, seatsOf(judged)), eq(assignment.status, "closed"));
  const count = await tx.$count(assignment, closed);
  if (count > 0)
    throw conflict(
      `${count} of these judgements are by raters who withdrew their consent. They count nowhere, and others have got the tasks.`,
    );
}

/** Only the rater of the seat may now do it again; until then the judgement stays out of datasets. */
async function giveBack(tx: Db, judged: Judged, comment: string): Promise<void> {
  await requireSeats(tx, judged);
  await setExcluded(tx, judged, `Sent back: ${comment}`);
  await tx
    .update(assignment)
    .set({ status: "returned", returnComment: comment })
    .where(anyOf(assignment.id, seatsOf(judged)));
}

/** Sends judgements back to their raters with a comment. */
export async function sendBack(
  db: Db,
  actor: Actor,
  input: SomeAnnotations,
): Promise<{ annotations: number }> {
  const { projectId, reason } = input;
  return db.transaction(async (tx) => {
    const judged = await lockNamed(tx, input);
    if (seatsOf(judged).length < judged.length)
      throw conflict("An adjudication cannot be sent back. Adjudicate the task again instead.");
    await giveBack(tx, judged, reason);
    projectChanged(db, projectId);
    return record(tx, actor, { projectId, judged, action: "return", reason });
  });
}

/** Leaves judgements out of every later dataset version. */
export async function excludeAnnotations(
  db: Db,
  actor: Actor,
  input: SomeAnnotations,
): Promise<{ annotations: number }> {
  return db.transaction(async (tx) => {
    projectChanged(db, input.projectId);
    return leaveOut(tx, actor, input);
  });
}

/** The same in a transaction of the caller's, who tells the pages. */
export async function leaveOut(
  tx: Db,
  actor: Actor,
  input: SomeAnnotations,
): Promise<{ annotations: number }> {
  const { projectId, reason } = input;
  const judged = await lockNamed(tx, input);
  await setExcluded(tx, judged, reason);
  return record(tx, actor, { projectId, judged, action: "exclude", reason });
}

/** Lets judgements count again, also those that wait to be done again. */
export async function includeAnnotations(
  db: Db,
  actor: Actor,
  input: SomeAnnotations,
): Promise<{ annotations: number }> {
  const { projectId, reason } = input;
  return db.transaction(async (tx) => {
    const judged = await lockNamed(tx, input);
    await setExcluded(tx, judged, null);
    await tx
      .update(assignment)
      .set({
        // Where consent is withdrawn the seat stays closed, and comes back as submitted.
        status: sql`case when status = 'returned' then 'submitted' else status end`,
        returnComment: null,
      })
      .where(and(anyOf(assignment.id, seatsOf(judged)), isNotNull(assignment.returnComment)));
    projectChanged(db, projectId);
    return record(tx, actor, { projectId, judged, action: "include", reason });
  });
}

/**
 * Has a rater's work done again. By the rater: it is sent back. By anyone else: it is withdrawn, its seats are closed
 * and fresh ones opened, which this rater never gets.
 */
export async function reopenRater(
  db: Db,
  actor: Actor,
  {
    projectId,
    raterId,
    reason,
    to,
    from,
    until,
  }: {
    projectId: string;
    raterId: string;
    reason: string;
    to: (typeof reopenTargets)[number];
    from?: string;
    until?: string;
  },
): Promise<{ annotations: number }> {
  return db.transaction(async (tx) => {
    const [known] = await tx
      .select({ id: rater.id })
      .from(rater)
      .where(and(eq(rater.id, raterId), eq(rater.projectId, projectId)));
    if (!known) throw notFound("The rater");
    const judged = await lockJudged(
      tx,
      projectId,
      and(
        eq(annotation.raterId, raterId),
        sql`${annotation.assignmentId} is not null`,
        from ? gte(annotation.submittedAt, new Date(from)) : undefined,
        until ? lt(annotation.submittedAt, new Date(until)) : undefined,
      ),
    );
    if (judged.length === 0) return { annotations: 0 };
    if (to === "rater") await giveBack(tx, judged, reason);
    else await replace(tx, judged);
    projectChanged(db, projectId);
    return record(tx, actor, { projectId, judged, action: "reopen", reason });
  });
}

async function replace(tx: Db, judged: Judged): Promise<void> {
  await requireSeats(tx, judged);
  await retire(tx, { annotationIds: idsOf(judged), withdrawn: true });
  await replaceSeats(tx, anyOf(assignment.id, seatsOf(judged)));
}
