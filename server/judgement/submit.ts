import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation } from "../../db/schema";
import type { InView } from "../../db/shape/judgement";
import { conflict, invalid } from "../errors";
import { projectChanged } from "../event/changed";
import { answerProblems, toCanonical } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import { formQuestions, requireForm } from "../form/versions";
import { requireGuidelines } from "../guidelines/guidelines";
import { claimSeats } from "../seat/claim";
import { feedbackOn, grade } from "../seat/grade";
import { takeFreeSeat } from "../seat/late";
import { lockRater } from "../seat/lock";
import { holdPass, requireOpen, settlePass } from "../seat/norming";
import { type Claimed, type Feedback, UNDO_SECONDS } from "../seat/schema";
import { type FoundSeat, findSeat } from "../seat/seat";
import { placeAfterVote } from "../seat/selection";
import { type Lease, shownLease } from "../seat/shown";
import { factsOf, nothingStated } from "./facts";
import type { Judgement, submitSchema } from "./schema";
import { type Stored, setApart, storeOnSeat } from "./store";

/** A judgement as it comes in, and through which door. */
export interface Given extends Judgement {
  origin: "desk" | "api";
}

/** Where a judgement goes, and what its rater was shown there. */
interface Place extends Lease {
  seat: FoundSeat;
  /** The status that the seat must still have when the judgement is written. */
  from: FoundSeat["status"];
  assignmentId: string;
}

export interface Submitted extends Stored {
  /** The key was known: nothing was written. */
  duplicate: boolean;
}

/**
 * Stores a judgement with what was shown, and answers with the next task. A judgement that comes again with the
 * same key is stored once. One that comes after its lease ran out is taken while a seat of the task is free.
 * @throws CONFLICT when the seat is gone for good; the caller keeps the text and tells the rater
 */
export async function submitAnnotation(
  db: Db,
  seat: FoundSeat,
  { next, ...given }: Given & Pick<z.infer<typeof submitSchema>, "next">,
): Promise<{
  annotationId: string;
  revision: number;
  undoUntil: Date;
  duplicate: boolean;
  feedback: Feedback | null;
  next: Claimed | null;
}> {
  // One that is set apart takes several statements: they are one transaction.
  const isHeld = seat.isMine && seat.status === "leased" && !seat.apart;
  const direct = isHeld ? await storeAt(db, await placeOn(db, seat, given), given) : null;
  const stored = direct ? { ...direct, duplicate: false } : await storeOtherwise(db, seat, given);
  if (!stored.duplicate) {
    projectChanged(db, seat.projectId);
    if (seat.selection === "disagreement") await placeAfterVote(db, { ...seat, annotationId: stored.id });
  }
  return {
    annotationId: stored.id,
    revision: stored.revision,
    undoUntil: new Date(stored.createdAt.getTime() + UNDO_SECONDS * 1000),
    duplicate: stored.duplicate,
    feedback: await feedbackOn(db, seat),
    next: next ? await claimSeats(db, { ...next, raterId: seat.raterId }) : null,
  };
}

/** What is not a first answer on a seat that the rater sits on, or is graded: it came before, or comes late, or is known. */
async function storeOtherwise(db: Db, { id, raterId, apart }: FoundSeat, given: Given): Promise<Submitted> {
  return db.transaction(async (tx) => {
    const pass = apart ? await holdPass(tx, id) : null;
    // The rater before the seat, as in a claim: the answer to a gold item may be what blocks them.
    if (apart) await lockRater(tx, raterId);
    const seat = await findSeat(tx, { assignmentId: id, raterId }, "lock");
    const known = await findByKey(tx, seat, given);
    if (known) return known;
    requireOpen(pass);
    const stored = await storeAt(tx, await placeFor(tx, seat, given), given);
    if (!stored) throw new Error(`The seat ${seat.id} could not be submitted while it was locked.`);
    if (pass) await settlePass(tx, pass.normingId);
    else if (apart) await grade(tx, seat, { annotationId: stored.id });
    return { ...stored, duplicate: false };
  });
}

/** The seat itself while the rater sits on it, else a free seat of the same task. */
async function placeFor(tx: Db, seat: FoundSeat, given: Given): Promise<Place> {
  if (!seat.isMine) {
    const assignmentId = await takeFreeSeat(tx, seat, shownLease(seat, given.shown));
    return { ...(await placeOn(tx, seat, given)), from: "leased", assignmentId };
  }
  switch (seat.status) {
    case "leased":
      return placeOn(tx, seat, given);
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

/**
 * The seat, with what was on the screen: what the desk says, else what was leased.
 * @throws BAD_REQUEST when a version is none of the project's
 */
export async function placeOn(db: Db, seat: FoundSeat, { shown }: Given): Promise<Place> {
  const lease = shownLease(seat, shown);
  const { projectId } = seat;
  const { formVersionId, guidelineVersionId } = shown ?? lease;
  if (formVersionId !== lease.formVersionId) await requireForm(db, { projectId, formVersionId });
  if (guidelineVersionId !== null && guidelineVersionId !== lease.guidelineVersionId)
    await requireGuidelines(db, { projectId, guidelineVersionId });
  return { ...lease, seat, from: seat.status, assignmentId: seat.id, formVersionId, guidelineVersionId };
}

/** What was stored under the judgement's key, if it came before. */
export async function findByKey(
  tx: Db,
  seat: FoundSeat,
  { idempotencyKey }: Judgement,
): Promise<Submitted | null> {
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

/** @returns null when the seat is the rater's no longer, or the key is known; then nothing was written */
export async function storeAt(db: Db, { seat, ...place }: Place, given: Given): Promise<Stored | null> {
  const { order } = place;
  const questions = await formQuestions(db, place.formVersionId);
  const answers = canonicalAnswers(questions, order, given.answers);
  // What measures its rater or is practice says nothing of the responses.
  const facts = seat.apart
    ? nothingStated
    : factsOf({ questions, answers, order, responseIds: seat.responseIds });
  const { raterId, promptId, returnComment } = seat;
  const inView = given.inView && canonicalView(given.inView, order);
  const stored = await storeOnSeat(db, {
    ...given,
    ...place,
    raterId,
    promptId,
    returnComment,
    answers,
    facts,
    inView,
  });
  if (stored && seat.apart) await setApart(db, stored.id);
  return stored;
}

/**
 * What was in view of a task, with its responses in canonical order.
 * @throws BAD_REQUEST where it is not of the responses that were shown
 */
export function canonicalView({ prompt, responses: shown }: InView, order: readonly number[]): InView {
  if (shown.length !== order.length)
    throw invalid(
      `inView.responses has ${shown.length} entries, and ${order.length} responses were shown. Send one of each, in shown order.`,
    );
  const places = order.map((_, response) => order.indexOf(response));
  return { prompt, responses: places.map((place) => shown[place]) };
}

/** @throws BAD_REQUEST with every problem of the answers */
function canonicalAnswers(questions: readonly Question[], order: readonly number[], shown: Answers): Answers {
  const problems = answerProblems(questions, order.length, shown);
  if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
  return toCanonical(questions, shown, order);
}
