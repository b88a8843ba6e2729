import { type Question, type QuestionType, questionSchema } from "@/server/form/schema";

export const typeOrder = [
  "preference",
  "ranking",
  "rating",
  "choice",
  "text",
  "edit",
] as const satisfies readonly QuestionType[];

export const typeNames: Record<QuestionType, string> = {
  preference: "Comparison of two",
  ranking: "Ranking",
  rating: "Rating",
  choice: "Choice",
  text: "Text",
  edit: "Rewriting",
};

const labels: Record<QuestionType, string> = {
  preference: "Which response is better?",
  ranking: "Rank the responses, best first",
  rating: "How good is each response?",
  choice: "What applies?",
  text: "Why?",
  edit: "Rewrite a response",
};

/** A question of a type, complete enough to be shown at once. */
export function newQuestion(type: QuestionType, others: readonly Question[]): Question {
  return questionSchema.parse({
    type,
    id: freeId(type, others),
    label: labels[type],
    required: type !== "text" && type !== "edit",
    ...(type === "rating" ? { attributes: [{ id: "overall", label: "Overall" }] } : {}),
    ...(type === "choice"
      ? {
          options: [
            { value: "yes", label: "Yes" },
            { value: "no", label: "No" },
          ],
        }
      : {}),
  });
}

function freeId(type: QuestionType, others: readonly Question[]): string {
  const taken = new Set(others.map(({ id }) => id));
  let id: string = type;
  for (let number = 2; taken.has(id); number++) id = `${type}_${number}`;
  return id;
}
