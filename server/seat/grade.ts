import { and, asc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, gold, goldAnswer, project, rater } from "../../db/schema";
import { policyFrom } from "../../db/shape/gold";
import { conflict } from "../errors";
import { toShown } from "../form/answers";
import { isRight } from "../form/right";
import { storedAnswers } from "../form/schema";
import { formQuestions } from "../form/versions";
import { blockingTest, sequentialVerdict } from "../statistics/gold/gold";
import { block } from "./block";
import { settleQualification } from "./qualification";
import type { Feedback } from "./schema";

/** Of a seat, which task it is on and whose it is. */
interface Seat {
  taskId: string;
  raterId: string;
  projectId: string;
}

const ofSeat = ({ taskId, raterId }: Seat) =>
  and(eq(goldAnswer.taskId, taskId), eq(goldAnswer.raterId, raterId));

/**
 * What a first answer to a gold item leads to, in the transaction that stores it, with the rater locked: it is right or
 * wrong, the rater passes the qualification or not, or the sequential test says that they are blocked.
 */
export async function grade(tx: Db, seat: Seat, { annotationId }: { annotationId: string }): Promise<void> {
  const { raterId, projectId } = seat;
  const [found] = await tx
    .select({ item: gold, given: annotation, policy: project.gold })
    .from(gold)
    .innerJoin(annotation, eq(annotation.id, annotationId))
    .innerJoin(project, eq(project.id, gold.projectId))
    .where(eq(gold.taskId, seat.taskId));
  if (!found) throw new Error(`The gold item ${seat.taskId} has no known answer.`);
  const { item, given } = found;
  const policy = policyFrom(found.policy);
  const now = new Date();
  await tx
    .update(goldAnswer)
    .set({
      annotationId,
      correct: isRight(
        { answers: storedAnswers(item.answers), tolerance: item.tolerance },
        storedAnswers(given.answers),
        { questions: await formQuestions(tx, given.formVersionId), k: given.order.length },
      ),
      answeredAt: now,
      toldAt: policy.feedback ? now : null,
    })
    .where(and(ofSeat(seat), isNull(goldAnswer.annotationId)));
  if (item.use === "qualification") await settleQualification(tx, { projectId, raterId, policy });
  if (item.use === "mixed" && policy.blocking) {
    const answers = await testedAnswers(tx, raterId);
    const { verdict, after } = sequentialVerdict(answers, blockingTest(policy.blocking));
    const right = answers.filter((correct) => correct).length;
    if (verdict === "block")
      await block(tx, {
        projectId,
        raterId,
        blockReason: "accuracy",
        says: `${right} of ${answers.length} known answers right; the test decided after ${after}.`,
      });
  }
}

/** A condition: a first answer was given since its rater's test began. */
export const isTested = sql<boolean>`${goldAnswer.answeredAt} > coalesce(${rater.testedSince}, '-infinity')`;

/** First answers to mixed items in their order, since the test began. */
async function testedAnswers(tx: Db, raterId: string): Promise<boolean[]> {
  const rows = await tx
    .select({ correct: goldAnswer.correct })
    .from(goldAnswer)
    .innerJoin(gold, and(eq(gold.taskId, goldAnswer.taskId), eq(gold.use, "mixed")))
    .innerJoin(rater, eq(rater.id, goldAnswer.raterId))
    .where(and(eq(goldAnswer.raterId, raterId), isNotNull(goldAnswer.correct), isTested))
    .orderBy(asc(goldAnswer.answeredAt), asc(goldAnswer.taskId));
  return rows.map(({ correct }) => correct === true);
}

/** A task of the qualification that was passed over is one that was not answered right; of other items nothing is known. */
export async function passOver(tx: Db, seat: Seat): Promise<void> {
  const { raterId, projectId } = seat;
  const [found] = await tx
    .select({ use: gold.use, policy: project.gold })
    .from(gold)
    .innerJoin(project, eq(project.id, gold.projectId))
    .where(eq(gold.taskId, seat.taskId));
  if (found?.use !== "qualification") return;
  await tx.update(goldAnswer).set({ correct: false, answeredAt: new Date() }).where(ofSeat(seat));
  await settleQualification(tx, { projectId, raterId, policy: policyFrom(found.policy) });
}

/**
 * Before a judgement on a gold seat is taken back. The first answer that was not told of is forgotten, and the next one
 * is the first.
 * @throws CONFLICT where it was told, or is one of the qualification: it would be answered anew with more known
 */
export async function forgetAnswer(
  tx: Db,
  seat: Seat,
  { annotationId }: { annotationId: string },
): Promise<void> {
  const first = and(ofSeat(seat), eq(goldAnswer.annotationId, annotationId));
  const [found] = await tx
    .select({ toldAt: goldAnswer.toldAt, use: gold.use })
    .from(goldAnswer)
    .innerJoin(gold, eq(gold.taskId, goldAnswer.taskId))
    .where(first);
  if (!found) return;
  if (found.use === "qualification")
    throw conflict("This task was one of the qualification: its answer stands.");
  if (found.toldAt)
    throw conflict(
      "You have been told the answer to this task since: yours stands, and counts nowhere else.",
    );
  await tx.update(goldAnswer).set({ annotationId: null, correct: null, answeredAt: null }).where(first);
}

/** What a rater is told of an answer, where the project tells; null for every other seat. */
export async function feedbackOn(db: Db, seat: Seat & { apart: boolean }): Promise<Feedback | null> {
  if (!seat.apart) return null;
  const [found] = await db
    .select({ item: gold, correct: goldAnswer.correct, order: annotation.order })
    .from(goldAnswer)
    .innerJoin(gold, eq(gold.taskId, goldAnswer.taskId))
    .innerJoin(annotation, eq(annotation.id, goldAnswer.annotationId))
    .where(and(ofSeat(seat), isNotNull(goldAnswer.toldAt)));
  if (!found || found.correct === null) return null;
  const { item, correct, order } = found;
  const questions = await formQuestions(db, item.formVersionId);
  const known = storedAnswers(item.answers);
  return {
    right: correct,
    answers: toShown(questions, known, order),
    questions: questions.filter(({ id }) => known[id]),
    reason: item.reason,
  };
}
