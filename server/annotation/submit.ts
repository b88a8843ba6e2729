import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation, assignment, preference } from "../../db/schema";
import { conflict, invalid } from "../errors";
import { answerProblems, toCanonical } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import { projectChanged } from "../project/changed";
import { currentForm, formQuestions } from "../project/versions";
import type { Viewer } from "../trpc";
import { claimSeats } from "./claim";
import { takeFreeSeat } from "./late";
import { storePreferences } from "./preferences";
import { type BlindTask, type Claimed, type Judgement, type submitSchema, UNDO_SECONDS } from "./schema";
import { type LockedSeat, lockSeat, type MySeat, showSeat } from "./seat";

interface Stored {
  id: string;
  revision: number;
  createdAt: Date;
  duplicate: boolean;
}

/** Where a judgement goes, and what its rater was shown there. */
interface Place {
  seat: LockedSeat;
  assignmentId: string;
  order: number[];
  formVersionId: string;
  guidelineVersionId: string | null;
}

/**
 * Stores a judgement with what was shown, and answers with the next task. A judgement that comes again with the
 * same key is stored once. One that comes after its lease ran out is taken while a seat of the task is free.
 * @throws CONFLICT when the seat is gone for good; the caller keeps the text and tells the rater
 */
export async function submitAnnotation(
  db: Db,
  { next, assignmentId, viewer, ...judgement }: z.infer<typeof submitSchema> & MySeat,
): Promise<{
  annotationId: string;
  revision: number;
  undoUntil: Date;
  duplicate: boolean;
  next: Claimed | null;
}> {
  const { projectId, stored } = await db.transaction(async (tx) => {
    const seat = await lockSeat(tx, { assignmentId, viewer });
    const known = seat.isMine && seat.status === "leased" ? null : await findByKey(tx, seat, judgement);
    const stored = known ?? (await store(tx, viewer, await placeFor(tx, viewer, seat), judgement));
    return { projectId: seat.projectId, stored };
  });
  if (!stored.duplicate) projectChanged(db, projectId);
  return {
    annotationId: stored.id,
    revision: stored.revision,
    undoUntil: new Date(stored.createdAt.getTime() + UNDO_SECONDS * 1000),
    duplicate: stored.duplicate,
    next: next ? await claimSeats(db, { ...next, projectId, personId: viewer.personId }) : null,
  };
}

/** The seat itself while the rater sits on it, else a free seat of the same task. */
async function placeFor(tx: Db, viewer: Viewer, seat: LockedSeat): Promise<Place> {
  if (!seat.isMine) return takeFreeSeat(tx, seat, viewer.personId);
  switch (seat.status) {
    case "leased":
      return shownOn(seat);
    case "submitted":
      throw conflict("You have submitted this task already. Open it in your history to change it.");
    case "returned":
      throw conflict("This task was sent back to you. Open it in your history to do it again.");
    case "skipped":
      throw conflict("You skipped this task, and another rater has its seat now.");
    case "open":
    case "closed":
      throw conflict("This task is no longer wanted. Nothing was stored.");
  }
}

function shownOn(seat: LockedSeat): Place {
  const { order, formVersionId, guidelineVersionId } = seat;
  if (!order || !formVersionId) throw new Error(`The seat ${seat.id} was leased without an order.`);
  return { seat, assignmentId: seat.id, order, formVersionId, guidelineVersionId };
}

async function findByKey(tx: Db, seat: LockedSeat, { idempotencyKey }: Judgement): Promise<Stored | null> {
  const [found] = await tx
    .select({
      id: annotation.id,
      taskId: annotation.taskId,
      revision: annotation.revision,
      createdAt: annotation.createdAt,
    })
    .from(annotation)
    .where(and(eq(annotation.raterId, seat.raterId), eq(annotation.idempotencyKey, idempotencyKey)));
  if (!found) return null;
  if (found.taskId !== seat.taskId)
    throw conflict("This idempotency key was used for another task. Give every judgement its own key.");
  return { ...found, duplicate: true };
}

/** Checks the answers and writes the annotation, its preferences and the seat's new status. */
async function store(tx: Db, viewer: Viewer, place: Place, judgement: Judgement): Promise<Stored> {
  const { seat, order, assignmentId, formVersionId, guidelineVersionId } = place;
  const questions = await formQuestions(tx, formVersionId);
  const answers = canonicalAnswers(questions, order, judgement.answers);
  const [created] = await tx
    .insert(annotation)
    .values({
      projectId: seat.projectId,
      taskId: seat.taskId,
      assignmentId,
      raterId: seat.raterId,
      origin: viewer.tokenId ? "api" : "desk",
      revision: sql`(select coalesce(max(earlier.revision), 0) + 1 from ${annotation} earlier
        where earlier.assignment_id = ${assignmentId})`,
      answers,
      order,
      formVersionId,
      guidelineVersionId,
      ...timesOf(judgement),
      flagReason: judgement.flagReason,
      idempotencyKey: judgement.idempotencyKey,
    })
    .onConflictDoNothing({ target: [annotation.raterId, annotation.idempotencyKey] })
    .returning({ id: annotation.id, revision: annotation.revision, createdAt: annotation.createdAt });
  if (!created) {
    const known = await findByKey(tx, seat, judgement);
    if (!known) throw new Error("An annotation with this key vanished.");
    return known;
  }
  await tx
    .update(assignment)
    .set({ status: "submitted", leasedUntil: null, returnComment: null })
    .where(eq(assignment.id, assignmentId));
  await storePreferences(tx, { ...seat, annotationId: created.id, questions, answers, order });
  return { ...created, duplicate: false };
}

/** @throws BAD_REQUEST with every problem of the answers */
function canonicalAnswers(questions: readonly Question[], order: readonly number[], shown: Answers): Answers {
  const problems = answerProblems(questions, order.length, shown);
  if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
  return toCanonical(questions, shown, order);
}

function timesOf({ shownAt, firstDecisionAt, submittedAt, visibleMs }: Judgement) {
  const instant = (text: string | undefined) => (text ? new Date(text) : null);
  const now = new Date();
  const submitted = instant(submittedAt) ?? now;
  return {
    shownAt: instant(shownAt),
    firstDecisionAt: instant(firstDecisionAt),
    // A browser's clock may be ahead, and nothing was submitted in the future.
    submittedAt: submitted < now ? submitted : now,
    visibleMs,
  };
}

/** The revision of a seat that counts. */
async function currentOf(tx: Db, seat: LockedSeat) {
  const [current] = await tx
    .select()
    .from(annotation)
    .where(and(eq(annotation.assignmentId, seat.id), eq(annotation.current, true)));
  return current;
}

/** A revision that no longer counts states no preferences. */
async function retire(tx: Db, annotationId: string, withdrawnAt: Date | null): Promise<void> {
  await tx.update(annotation).set({ current: false, withdrawnAt }).where(eq(annotation.id, annotationId));
  await tx.delete(preference).where(eq(preference.annotationId, annotationId));
}

/**
 * Takes back what was just submitted: the seat is the rater's again, with the answers to go on from.
 * @throws CONFLICT after UNDO_SECONDS
 */
export async function undoAnnotation(db: Db, key: MySeat): Promise<BlindTask> {
  const task = await db.transaction(async (tx) => {
    const seat = await lockSeat(tx, key);
    const current = seat.isMine && seat.status === "submitted" ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("There is nothing to undo on this task.");
    if (Date.now() - current.createdAt.getTime() > UNDO_SECONDS * 1000)
      throw conflict(`Undo works for ${UNDO_SECONDS} seconds. Open the task in your history to change it.`);
    await retire(tx, current.id, new Date());
    await tx
      .update(assignment)
      .set({ status: "leased", leasedUntil: sql`now() + make_interval(secs => ${seat.leaseSeconds})` })
      .where(eq(assignment.id, seat.id));
    projectChanged(db, seat.projectId);
    return showSeat(tx, { ...seat, status: "leased" });
  });
  return task;
}

/**
 * Changes a judgement later, or does it again after it was sent back: a new revision that answers the form in
 * force. The earlier revision is kept and no longer counts; an exclusion stays in force,
 * except that of being sent back.
 */
export async function reviseAnnotation(
  db: Db,
  { assignmentId, viewer, ...judgement }: Judgement & MySeat,
): Promise<{ annotationId: string; revision: number; duplicate: boolean }> {
  const { projectId, stored } = await db.transaction(async (tx) => {
    const seat = await lockSeat(tx, { assignmentId, viewer });
    const known = await findByKey(tx, seat, judgement);
    if (known) return { projectId: seat.projectId, stored: known };
    if (!seat.isMine || (seat.status !== "submitted" && seat.status !== "returned"))
      throw conflict("Only a judgement that you submitted can be changed.");
    const current = await currentOf(tx, seat);
    if (current) await retire(tx, current.id, null);
    const form = await currentForm(tx, seat.projectId);
    const stored = await store(tx, viewer, { ...shownOn(seat), formVersionId: form.id }, judgement);
    if (current?.excludedAt && seat.status === "submitted")
      await tx
        .update(annotation)
        .set({ excludedAt: current.excludedAt, excludedReason: current.excludedReason })
        .where(eq(annotation.id, stored.id));
    return { projectId: seat.projectId, stored };
  });
  if (!stored.duplicate) projectChanged(db, projectId);
  return { annotationId: stored.id, revision: stored.revision, duplicate: stored.duplicate };
}

/** Flags the rater's own judgement for a reviewer; null takes the flag back. */
export async function flagAnnotation(
  db: Db,
  { reason, ...key }: MySeat & { reason: string | null },
): Promise<void> {
  await db.transaction(async (tx) => {
    const seat = await lockSeat(tx, key);
    const current = seat.isMine ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("Submit a judgement first, then flag it.");
    await tx.update(annotation).set({ flagReason: reason }).where(eq(annotation.id, current.id));
    projectChanged(db, seat.projectId);
  });
}
