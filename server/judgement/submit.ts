import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { annotation, assignment, preference } from "../../db/schema";
import { audit } from "../audit/audit";
import { conflict, invalid } from "../errors";
import { projectChanged } from "../event/changed";
import { answerProblems, derivePreferences, toCanonical } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import { currentForm, formQuestions } from "../form/versions";
import { claimSeats } from "../seat/claim";
import { takeFreeSeat } from "../seat/late";
import type { BlindTask, Claimed } from "../seat/schema";
import { type FoundSeat, findSeat, type MySeat, showSeat } from "../seat/seat";
import { placeAfter, placeAfterVote } from "../seat/selection";
import type { Viewer } from "../trpc";
import { type Judgement, type submitSchema, UNDO_SECONDS } from "./schema";

interface Stored {
  id: string;
  revision: number;
  createdAt: Date;
  duplicate: boolean;
}

/** Where a judgement goes, and what its rater was shown there. */
interface Place {
  seat: FoundSeat;
  /** The status that the seat must still have when the judgement is written. */
  from: FoundSeat["status"];
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
  const seat = await findSeat(db, { assignmentId, viewer });
  const isHeld = seat.isMine && seat.status === "leased";
  const stored =
    (isHeld && (await store(db, viewer, shownOn(seat), judgement))) ||
    (await storeOtherwise(db, { assignmentId, viewer }, judgement));
  if (!stored.duplicate) {
    projectChanged(db, seat.projectId);
    if (seat.selection === "disagreement") await placeAfterVote(db, { ...seat, annotationId: stored.id });
  }
  return {
    annotationId: stored.id,
    revision: stored.revision,
    undoUntil: new Date(stored.createdAt.getTime() + UNDO_SECONDS * 1000),
    duplicate: stored.duplicate,
    next: next
      ? await claimSeats(db, { ...next, projectId: seat.projectId, personId: viewer.personId })
      : null,
  };
}

/** What is not a first answer on a seat that the rater sits on: it came before, or it comes late. */
async function storeOtherwise(db: Db, key: MySeat, judgement: Judgement): Promise<Stored> {
  return db.transaction(async (tx) => {
    const seat = await findSeat(tx, key, "lock");
    const known = await findByKey(tx, seat, judgement);
    if (known) return known;
    const stored = await store(tx, key.viewer, await placeFor(tx, key.viewer, seat), judgement);
    if (!stored) throw new Error(`The seat ${seat.id} could not be submitted while it was locked.`);
    return stored;
  });
}

/** The seat itself while the rater sits on it, else a free seat of the same task. */
async function placeFor(tx: Db, viewer: Viewer, seat: FoundSeat): Promise<Place> {
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

function shownOn(seat: FoundSeat): Place {
  const { order, formVersionId, guidelineVersionId } = seat;
  if (!order || !formVersionId) throw new Error(`The seat ${seat.id} was leased without an order.`);
  return { seat, from: seat.status, assignmentId: seat.id, order, formVersionId, guidelineVersionId };
}

async function findByKey(tx: Db, seat: FoundSeat, { idempotencyKey }: Judgement): Promise<Stored | null> {
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

/**
 * Checks the answers and, in one statement, writes the annotation, its preferences and the seat's new status.
 * @returns null when the seat is the rater's no longer, or the key is known; then nothing was written
 */
async function store(db: Db, viewer: Viewer, place: Place, judgement: Judgement): Promise<Stored | null> {
  const { seat, from, order, assignmentId, formVersionId, guidelineVersionId } = place;
  const questions = await formQuestions(db, formVersionId);
  const answers = canonicalAnswers(questions, order, judgement.answers);
  const facts = derivePreferences(questions, answers, order).map(({ a, b, ...fact }) => ({
    ...fact,
    responseA: seat.responseIds[a],
    responseB: seat.responseIds[b],
  }));
  const [created] = await write(db, {
    assignmentId,
    from,
    raterId: seat.raterId,
    promptId: seat.promptId,
    origin: viewer.tokenId ? "api" : "desk",
    answers: JSON.stringify(answers),
    facts: JSON.stringify(facts),
    order: `{${order.join(",")}}`,
    formVersionId,
    guidelineVersionId,
    shownAt: judgement.shownAt ?? null,
    firstDecisionAt: judgement.firstDecisionAt ?? null,
    submittedAt: judgement.submittedAt ?? null,
    visibleMs: judgement.visibleMs ?? null,
    flagReason: judgement.flagReason ?? null,
    idempotencyKey: judgement.idempotencyKey,
  });
  return created ? { ...created, createdAt: new Date(created.createdAt), duplicate: false } : null;
}

const $ = sql.placeholder;

/** The submission time is the earlier of the browser's and now: a browser's clock may be ahead. */
const write = statement<{ id: string; revision: number; createdAt: string }>(sql`
  with seat as (
    update ${assignment} set status = 'submitted', leased_until = null, return_comment = null
    where id = ${$("assignmentId")} and rater_id = ${$("raterId")} and status = ${$("from")}::assignment_status
      and not exists (select from ${annotation}
        where rater_id = ${$("raterId")} and idempotency_key = ${$("idempotencyKey")})
    returning id, project_id, task_id, rater_id
  ), given as (
    insert into ${annotation} (project_id, task_id, assignment_id, rater_id, origin, revision, answers, "order",
      form_version_id, guideline_version_id, shown_at, first_decision_at, submitted_at, visible_ms, flag_reason,
      idempotency_key)
    select project_id, task_id, id, rater_id, ${$("origin")}::annotation_origin,
      (select coalesce(max(revision), 0) + 1 from ${annotation} where assignment_id = ${$("assignmentId")}),
      ${$("answers")}::text::jsonb, ${$("order")}::smallint[], ${$("formVersionId")}::uuid,
      ${$("guidelineVersionId")}::uuid, ${$("shownAt")}::timestamptz, ${$("firstDecisionAt")}::timestamptz,
      least(${$("submittedAt")}::timestamptz, now()), ${$("visibleMs")}::int, ${$("flagReason")}::text,
      ${$("idempotencyKey")}
    from seat
    returning *
  ), facts as (
    insert into ${preference} (project_id, annotation_id, task_id, prompt_id, rater_id, question_id, response_a,
      response_b, outcome, strength, a_shown_first)
    select given.project_id, given.id, given.task_id, ${$("promptId")}::uuid, given.rater_id, "questionId",
      "responseA", "responseB", outcome, strength, "aShownFirst"
    from given cross join jsonb_to_recordset(${$("facts")}::text::jsonb) as fact ("questionId" text,
      "responseA" uuid, "responseB" uuid, outcome preference_outcome, strength float8, "aShownFirst" boolean)
  )
  select id, revision, created_at as "createdAt" from given`);

/** @throws BAD_REQUEST with every problem of the answers */
function canonicalAnswers(questions: readonly Question[], order: readonly number[], shown: Answers): Answers {
  const problems = answerProblems(questions, order.length, shown);
  if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
  return toCanonical(questions, shown, order);
}

/** The revision of a seat that counts. */
async function currentOf(tx: Db, seat: FoundSeat) {
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
    const seat = await findSeat(tx, key, "lock");
    const current = seat.isMine && seat.status === "submitted" ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("There is nothing to undo on this task.");
    if (Date.now() - current.createdAt.getTime() > UNDO_SECONDS * 1000)
      throw conflict(`Undo works for ${UNDO_SECONDS} seconds. Open the task in your history to change it.`);
    await placeAfter(tx, seat, () => retire(tx, current.id, new Date()));
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
    const seat = await findSeat(tx, { assignmentId, viewer }, "lock");
    const known = await findByKey(tx, seat, judgement);
    if (known) return { projectId: seat.projectId, stored: known };
    if (!seat.isMine || (seat.status !== "submitted" && seat.status !== "returned"))
      throw conflict("Only a judgement that you submitted can be changed.");
    const current = await currentOf(tx, seat);
    const form = await currentForm(tx, seat.projectId);
    const stored = await placeAfter(tx, seat, async () => {
      if (current) await retire(tx, current.id, null);
      return store(tx, viewer, { ...shownOn(seat), formVersionId: form.id }, judgement);
    });
    if (!stored) throw new Error(`The seat ${seat.id} could not be revised while it was locked.`);
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
    const seat = await findSeat(tx, key, "lock");
    const current = seat.isMine ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("Submit a judgement first, then flag it.");
    await tx.update(annotation).set({ flagReason: reason }).where(eq(annotation.id, current.id));
    await audit(tx, key.viewer, {
      action: "annotation.flag",
      target: { kind: "annotation", id: current.id },
      projectId: seat.projectId,
      before: { reason: current.flagReason },
      after: { reason },
    });
    projectChanged(db, seat.projectId);
  });
}
