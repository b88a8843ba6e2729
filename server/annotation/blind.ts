import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, guidelineVersion, prompt, task } from "../../db/schema";
import { toShown } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import type { BlindTask } from "./schema";

/** The replies of a task in canonical order. */
const contents = sql<string[]>`array(
  select shown.content from unnest(${task.responseIds}) with ordinality as listed (id, place)
  join response shown on shown.id = listed.id order by listed.place)`;

/** What the seat's rater answered last, if ever. */
const lastAnswers = sql<Answers | null>`(
  select ${annotation.answers} from ${annotation}
  where ${annotation.assignmentId} = ${assignment.id} and ${annotation.raterId} = ${assignment.raterId}
  order by ${annotation.revision} desc limit 1)`;

/** Who of the other raters of the task saw which response first. */
const taskFirsts = sql<number[]>`array(
  select other."order"[1] from ${assignment} other
  where other.task_id = ${assignment.taskId} and other.id <> ${assignment.id} and other."order" is not null
    and other.status in ('leased', 'submitted', 'returned'))`;

/** Seats with everything that is shown on them, in the order in which they were taken. */
export function readSeats(tx: Db, where: SQL | undefined) {
  return tx
    .select({
      id: assignment.id,
      status: assignment.status,
      leasedUntil: assignment.leasedUntil,
      order: assignment.order,
      formVersionId: assignment.formVersionId,
      priority: assignment.priority,
      position: assignment.position,
      returnComment: assignment.returnComment,
      messages: prompt.messages,
      tools: prompt.tools,
      language: task.language,
      domain: task.domain,
      guidelineVersion: guidelineVersion.version,
      contents,
      lastAnswers,
      taskFirsts,
    })
    .from(assignment)
    .innerJoin(task, eq(task.id, assignment.taskId))
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .leftJoin(guidelineVersion, eq(guidelineVersion.id, assignment.guidelineVersionId))
    .where(where)
    .orderBy(asc(assignment.leasedAt), asc(assignment.id));
}

export type Seat = Awaited<ReturnType<typeof readSeats>>[number];

export const readSeatsById = (tx: Db, ids: readonly string[]) =>
  readSeats(tx, and(inArray(assignment.id, [...ids])));

/** A seat as its rater may see it: responses and earlier answers in shown order, nothing about their origin. */
export function blind(seat: Seat, questions: Question[], order: readonly number[]): BlindTask {
  return {
    assignmentId: seat.id,
    leasedUntil: seat.leasedUntil,
    prompt: {
      messages: seat.messages,
      tools: seat.tools,
      language: seat.language,
      domain: seat.domain,
    },
    responses: order.map((index) => ({ content: seat.contents[index] })),
    questions,
    guidelineVersion: seat.guidelineVersion,
    answers: seat.lastAnswers && toShown(questions, seat.lastAnswers, order),
    returnComment: seat.returnComment,
  };
}
