import { deriveMarks, derivePreferences } from "./answers";
import { type Answers, isAsked, kindOf, type Question } from "./schema";

/** Whether answers to a question can be compared with a known one: texts cannot. */
export const isComparable = (question: Question): boolean =>
  kindOf(question.type).scales(question).length > 0;

interface Known {
  /** Canonical, as those that are compared with them. */
  answers: Answers;
  /** By how many points a rating may differ. */
  tolerance: number;
}

/**
 * Whether an answer is the known one: the same winner of each pair, however strongly; the same options; ratings within
 * the tolerance. A question that the rater was not asked is not compared.
 * @returns null where nothing can be compared
 */
export function isRight(
  { answers: known, tolerance }: Known,
  given: Answers,
  { questions, k }: { questions: readonly Question[]; k: number },
): boolean | null {
  const compared = questions.filter(
    (question) => known[question.id] && isComparable(question) && isAsked(question, k, questions),
  );
  if (compared.length === 0) return null;
  const [is, said] = [statedIn(compared, known), statedIn(compared, given)];
  return is.size === said.size && [...is].every(([key, value]) => matches(value, said.get(key), tolerance));
}

/** What answers state, by what it is about. */
function statedIn(questions: readonly Question[], answers: Answers): Map<string, string | number> {
  return new Map<string, string | number>([
    ...derivePreferences(questions, answers, null).map(({ questionId, a, b, outcome }): [string, string] => [
      JSON.stringify([questionId, a, b]),
      outcome,
    ]),
    ...deriveMarks(questions, answers).map(({ questionId, response, item, value }): [string, number] => [
      JSON.stringify([questionId, response, item]),
      value,
    ]),
  ]);
}

const matches = (known: string | number, said: string | number | undefined, tolerance: number): boolean =>
  typeof known === "number" && typeof said === "number"
    ? Math.abs(known - said) <= tolerance
    : known === said;
