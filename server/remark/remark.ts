import { and, asc, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, curation, person, prompt, rater, remark, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { noteSeen } from "../blindness/seen";
import { excerpt } from "../content/list";
import { conflict, notFound } from "../errors";
import { pagesChanged } from "../event/changed";
import type { ThreadEntry, WaitingThread } from "./schema";

/** Who reads or writes a thread: a member of the project. */
interface Reader {
  projectId: string;
  personId: string;
  /** Whether they check the work of others; a rater has the threads of their own seats alone. */
  mayReview: boolean;
}

interface Thread {
  assignmentId: string;
  taskId: string;
  raterId: string;
  raterName: string;
  /** Whether the reader is the rater. */
  isOwn: boolean;
}

/**
 * The thread of a seat: of the rater who sits there.
 * @throws NOT_FOUND for seats of other projects, and for a rater those of others
 */
async function findThread(
  db: Db,
  { projectId, personId, mayReview, assignmentId }: Reader & { assignmentId: string },
): Promise<Thread> {
  const [found] = await db
    .select({
      assignmentId: assignment.id,
      taskId: assignment.taskId,
      raterId: rater.id,
      raterName: rater.name,
      personId: rater.personId,
    })
    .from(assignment)
    .innerJoin(rater, eq(rater.id, assignment.raterId))
    .where(and(eq(assignment.id, assignmentId), eq(assignment.projectId, projectId)));
  const isOwn = found?.personId === personId;
  if (!found || !(isOwn || mayReview)) throw notFound("The judgement");
  return { ...found, isOwn };
}

const ofThread = ({ assignmentId, raterId }: Thread) =>
  and(eq(remark.assignmentId, assignmentId), eq(remark.raterId, raterId));

/** Judgements of the thread's rater on its seat: who had it before is not in it. */
const judgedBy = ({ assignmentId, raterId }: Thread) =>
  and(eq(annotation.assignmentId, assignmentId), eq(annotation.raterId, raterId));

/**
 * What was written about a judgement, oldest first: why its rater flagged it, why it was sent back, and the remarks of both
 * sides. Those of the other side are read from now on.
 */
export async function readThread(
  db: Db,
  { assignmentId, ...reader }: Reader & { assignmentId: string },
): Promise<ThreadEntry[]> {
  const thread = await findThread(db, { ...reader, assignmentId });
  const { raterId, raterName, isOwn } = thread;
  const [flags, returns, remarks] = await Promise.all([
    db
      .select({ id: annotation.id, text: annotation.flagReason, at: annotation.submittedAt })
      .from(annotation)
      .where(and(judgedBy(thread), isNotNull(annotation.flagReason))),
    db
      .select({
        id: curation.id,
        text: curation.reason,
        at: curation.createdAt,
        personId: curation.personId,
        by: person.name,
      })
      .from(curation)
      .innerJoin(annotation, eq(annotation.id, curation.annotationId))
      .leftJoin(person, eq(person.id, curation.personId))
      .where(and(judgedBy(thread), eq(curation.action, "return"))),
    db
      .select({ remark, by: person.name })
      .from(remark)
      .leftJoin(person, eq(person.id, remark.personId))
      .where(ofThread(thread))
      .orderBy(asc(remark.id)),
  ]);
  const named = (by: string | null, byRater: boolean) => (byRater ? raterName : isOwn ? null : by);
  const entries = [
    // A revision that keeps its flag does not say it again.
    ...flags
      .filter(({ text }, n) => flags.findIndex((other) => other.text === text) === n)
      .map(({ id, text, at }) => ({
        id,
        kind: "flag" as const,
        text: text ?? "",
        byRater: true,
        by: raterName,
        isMine: isOwn,
        at,
        readAt: null,
      })),
    ...returns.map(({ personId, by, ...rest }) => ({
      ...rest,
      kind: "return" as const,
      byRater: false,
      by: named(by, false),
      isMine: personId === reader.personId,
      readAt: null,
    })),
    ...remarks.map(({ remark: { id, text, byRater, createdAt, readAt, personId }, by }) => ({
      id,
      kind: "remark" as const,
      text,
      byRater,
      by: named(by, byRater),
      isMine: personId === reader.personId,
      at: createdAt,
      readAt,
    })),
  ];
  await db
    .update(remark)
    .set({ readAt: sql`now()` })
    .where(and(ofThread(thread), eq(remark.byRater, !isOwn), isNull(remark.readAt)));
  if (!isOwn) await noteSeen(db, { personId: reader.personId, shown: [{ taskId: thread.taskId, raterId }] });
  return entries.sort((one, other) => one.at.getTime() - other.at.getTime());
}

/**
 * Writes into the thread of a judgement that was flagged or sent back, or that already has one. Both sides are told.
 * @throws CONFLICT where there is nothing to talk about
 */
export async function writeRemark(
  db: Db,
  actor: Actor,
  { assignmentId, text, ...reader }: Reader & { assignmentId: string; text: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const thread = await findThread(tx, { ...reader, assignmentId });
    const begun = and(
      eq(assignment.id, assignmentId),
      sql`(${assignment.status} = 'returned'
        or exists (select from ${remark} where ${ofThread(thread)})
        or exists (select from ${annotation} where ${judgedBy(thread)}
          and (${annotation.flagReason} is not null or ${annotation.returnComment} is not null)))`,
    );
    if ((await tx.$count(assignment, begun)) === 0)
      throw conflict(
        thread.isOwn
          ? "Flag the judgement first: then a reviewer reads what you write."
          : "This judgement was neither flagged nor sent back. Send it back with a comment instead.",
      );
    const [{ id }] = await tx
      .insert(remark)
      .values({
        projectId: reader.projectId,
        assignmentId,
        raterId: thread.raterId,
        personId: reader.personId,
        byRater: thread.isOwn,
        text,
      })
      .returning({ id: remark.id });
    // The text stays where an erasure finds it.
    await audit(tx, actor, {
      action: "remark.write",
      target: { kind: "assignment", id: assignmentId },
      projectId: reader.projectId,
      after: { remarkId: id, byRater: thread.isOwn },
    });
  });
  pagesChanged(db, reader.projectId);
}

/**
 * Threads in which something waits for the reader: for a rater what reviewers wrote to them, for those who review what
 * raters wrote. The latest first.
 */
export async function waitingThreads(
  db: Db,
  { projectId, personId, mayReview }: Reader,
): Promise<WaitingThread[]> {
  const mine = sql`${rater.personId} is not distinct from ${personId}`;
  return db
    .select({
      assignmentId: remark.assignmentId,
      taskId: task.id,
      excerpt,
      rater: { id: rater.id, name: rater.name },
      text: sql<string>`(array_agg(${remark.text} order by ${remark.id} desc))[1]`,
      at: sql<Date>`max(${remark.createdAt})`.mapWith(remark.createdAt),
      unread: sql<number>`count(*)::int`,
    })
    .from(remark)
    .innerJoin(rater, eq(rater.id, remark.raterId))
    .innerJoin(
      assignment,
      and(eq(assignment.id, remark.assignmentId), eq(assignment.raterId, remark.raterId)),
    )
    .innerJoin(task, eq(task.id, assignment.taskId))
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(
      and(
        eq(remark.projectId, projectId),
        isNull(remark.readAt),
        mayReview
          ? sql`case when ${mine} then not ${remark.byRater} else ${remark.byRater} end`
          : sql`${mine} and not ${remark.byRater}`,
      ),
    )
    .groupBy(remark.assignmentId, task.id, prompt.id, rater.id, rater.name)
    .orderBy(desc(sql`max(${remark.createdAt})`))
    .limit(100);
}
