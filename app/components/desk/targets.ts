import { type Answers, isAsked, type Question, type QuestionOf } from "@/server/form/schema";

/** One place that takes one answer: what the arrow keys walk over and the digits act on. */
export type Target =
  | { kind: "preference"; question: QuestionOf<"preference"> }
  | { kind: "rank"; question: QuestionOf<"ranking">; slot: number }
  | { kind: "rate"; question: QuestionOf<"rating">; attribute: string; slot: number }
  | { kind: "choose"; question: QuestionOf<"choice">; slot: number }
  | { kind: "text"; question: QuestionOf<"text"> }
  | { kind: "edit"; question: QuestionOf<"edit"> };

/** The targets of a task with `k` responses, in the order of the form. */
export function targetsOf(questions: readonly Question[], k: number): Target[] {
  return questions
    .filter((question) => isAsked(question, k, questions))
    .flatMap((question) => split(question, k));
}

function split(question: Question, k: number): Target[] {
  switch (question.type) {
    case "preference":
      return [{ kind: "preference", question }];
    case "ranking":
      return slots(k).map((slot) => ({ kind: "rank", question, slot }));
    case "rating":
      return question.attributes.flatMap((attribute) =>
        slots(question.per === "task" ? 1 : k).map(
          (slot): Target => ({ kind: "rate", question, attribute: attribute.id, slot }),
        ),
      );
    case "choice":
      return slots(question.per === "task" ? 1 : k).map((slot) => ({ kind: "choose", question, slot }));
    case "text":
      return [{ kind: "text", question }];
    case "edit":
      return [{ kind: "edit", question }];
  }
}

const slots = (count: number): number[] => Array.from({ length: count }, (_, slot) => slot);

/** Position i on screen is called A, B, C, … */
export const letterOf = (slot: number): string => String.fromCharCode(65 + slot);

export function isAnswered(target: Target, answers: Answers): boolean {
  const answer = answers[target.question.id];
  if (!answer) return false;
  switch (target.kind) {
    case "preference":
      return true;
    case "rank":
      return answer.type === "ranking" && (answer.ranks[target.slot] ?? 0) > 0;
    case "rate":
      return answer.type === "rating" && (answer.values[target.attribute]?.[target.slot] ?? null) !== null;
    case "choose":
      return answer.type === "choice" && (answer.values[target.slot]?.length ?? 0) > 0;
    case "text":
      return answer.type === "text" && (answer.text.trim() !== "" || answer.chips.length > 0);
    case "edit":
      return answer.type === "edit" && answer.texts.some((text) => text !== null);
  }
}
