import { type Question, type QuestionType, questionSchema } from "@/server/form/schema";
import { componentOf } from "../question";

/** A question of a type, complete enough to be shown at once. */
export const newQuestion = (type: QuestionType, others: readonly Question[]): Question =>
  questionSchema.parse({ type, id: freeId(type, others), ...componentOf(type).fresh });

function freeId(type: QuestionType, others: readonly Question[]): string {
  const taken = new Set(others.map(({ id }) => id));
  let id: string = type;
  for (let number = 2; taken.has(id); number++) id = `${type}_${number}`;
  return id;
}
