import { isQuestionOf, kindOf, type Question, type QuestionOf, type QuestionType } from "./schema";

export interface FormChange {
  questionId: string;
  /** What the new form would do to answers that the question already has. */
  message: string;
}

/**
 * What a new form does to the meaning of answers given under the old one. Wording, help, order, new questions, new
 * options, and whether an answer is required or a tie is offered do not matter; type, scale, and what was removed do.
 * @returns one entry for each question whose answers would be lost or misread
 */
export function formChanges(before: readonly Question[], after: readonly Question[]): FormChange[] {
  return before.flatMap((old) => {
    const kept = after.find((question) => question.id === old.id);
    const change = kept ? changeOf(old.type, old, kept) : "is missing";
    return change ? [{ questionId: old.id, message: `"${old.id}" ${change}.` }] : [];
  });
}

function changeOf<T extends QuestionType>(type: T, old: QuestionOf<T>, kept: Question): string | null {
  return isQuestionOf(type, kept)
    ? kindOf(type).change(old, kept)
    : `is a ${type} and cannot become a ${kept.type}`;
}
