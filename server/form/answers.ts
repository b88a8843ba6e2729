import type { MarkFact, Move, PairFact, WrittenReply } from "./kind/kind";
import { type Answer, type Answers, answerTo, isAsked, kindOf, type Question } from "./schema";

export interface AnswerProblem {
  question: string;
  message: string;
}

/**
 * The one validator of answers: desk, API and import.
 * @param k number of responses shown
 * @returns what is wrong, empty when the answers are complete and in range
 */
export function answerProblems(questions: readonly Question[], k: number, answers: Answers): AnswerProblem[] {
  const problems: AnswerProblem[] = [];
  const asked = questions.filter((question) => isAsked(question, k, questions));
  for (const id of Object.keys(answers))
    if (!asked.some((question) => question.id === id))
      problems.push({ question: id, message: `"${id}" is not a question of this task.` });
  for (const question of asked) {
    const message = problemOf(question, answers, k);
    if (message) problems.push({ question: question.id, message: `${question.label}: ${message}` });
  }
  return problems;
}

/** The questions asked of a task with `k` responses whose answers say which response is better. */
export const comparing = (questions: readonly Question[], k: number): Question[] =>
  questions.filter((question) => kindOf(question.type).compares && isAsked(question, k, questions));

function problemOf(question: Question, answers: Answers, k: number): string | null {
  const given = answers[question.id];
  if (!given) return question.required ? "An answer is required." : null;
  const answer = answerTo(question.type, question, answers);
  return answer
    ? kindOf(question.type).problem(question, answer, k)
    : `the answer is of type ${given.type}, the question of type ${question.type}.`;
}

/**
 * Answers as given on screen, brought to the task's canonical response order.
 * @param order position i on screen shows canonical response `order[i]`
 */
export function toCanonical(
  questions: readonly Question[],
  shown: Answers,
  order: readonly number[],
): Answers {
  const place = <T>(values: readonly T[]): T[] => {
    const canonical = values.slice();
    values.forEach((value, position) => {
      canonical[order[position]] = value;
    });
    return canonical;
  };
  return permute(questions, shown, { place, swapped: order[0] > order[1] });
}

/** The inverse of {@link toCanonical}: stored answers as the rater saw them. */
export function toShown(
  questions: readonly Question[],
  canonical: Answers,
  order: readonly number[],
): Answers {
  return permute(questions, canonical, {
    place: (values) => order.map((slot) => values[slot]),
    swapped: order[0] > order[1],
  });
}

function permute(questions: readonly Question[], answers: Answers, move: Move): Answers {
  const result: Answers = {};
  for (const question of questions) {
    const given = answers[question.id];
    if (!given) continue;
    const answer = answerTo(question.type, question, answers);
    result[question.id] = answer ? kindOf(question.type).permute(question, answer, move) : given;
  }
  return result;
}

export interface DerivedPreference extends PairFact {
  questionId: string;
  /** Whether `a` stood before `b` on screen; null when the order is unknown (imports). */
  aShownFirst: boolean | null;
}

/**
 * The pairwise facts in an annotation: one for a comparison, k(k−1)/2 for a ranking.
 * @param canonical answers in canonical order
 * @param order null when the shown order is unknown
 */
export function derivePreferences(
  questions: readonly Question[],
  canonical: Answers,
  order: readonly number[] | null,
): DerivedPreference[] {
  return questions.flatMap((question) => {
    const answer = answerTo(question.type, question, canonical);
    if (!answer) return [];
    return kindOf(question.type)
      .facts(question, answer)
      .preferences.map((pair) => ({
        questionId: question.id,
        ...pair,
        aShownFirst: order ? order.indexOf(pair.a) < order.indexOf(pair.b) : null,
      }));
  });
}

export interface DerivedMark extends MarkFact {
  questionId: string;
}

/**
 * What an annotation states that is not pairwise: one entry for each rated attribute and each chosen option.
 * @param canonical answers in canonical order
 */
export function deriveMarks(questions: readonly Question[], canonical: Answers): DerivedMark[] {
  return questions.flatMap((question) => {
    const answer = answerTo(question.type, question, canonical);
    if (!answer) return [];
    return kindOf(question.type)
      .facts(question, answer)
      .marks.map((mark) => ({ questionId: question.id, ...mark }));
  });
}

/** Replies of the rater's own. */
export const repliesIn = (questions: readonly Question[], answers: Answers): WrittenReply[] =>
  questions.flatMap((question) => {
    const answer = answerTo(question.type, question, answers);
    return [...((answer && kindOf(question.type).replies?.(question, answer)) ?? [])];
  });

/** What was written as the reason for the judgement. */
export function reasonIn(questions: readonly Question[], answers: Answers): string | null {
  for (const question of questions) {
    const answer = answerTo(question.type, question, answers);
    const reason = answer && kindOf(question.type).reason?.(question, answer);
    if (reason) return reason;
  }
  return null;
}

const saysWhy = (question: Question, answer: Answer): boolean =>
  textsOf(answer).length > 0 && repliesIn([question], { [question.id]: answer }).length === 0;

const partOf = (questions: readonly Question[], answers: Answers, why: boolean): Answers =>
  Object.fromEntries(
    questions.flatMap((question) => {
      const answer = answers[question.id];
      return answer && saysWhy(question, answer) === why ? [[question.id, answer]] : [];
    }),
  );

/** The judgement itself, which somebody else can take over: all but the words that say why. */
export const verdictsIn = (questions: readonly Question[], answers: Answers): Answers =>
  partOf(questions, answers, false);

/** The words that say why: reasons, critiques and comments, which are their writer's own. */
export const wordsIn = (questions: readonly Question[], answers: Answers): Answers =>
  partOf(questions, answers, true);

/** What was written in words of one's own. */
export const textsOf = (answer: Answer): readonly string[] => kindOf(answer.type).texts(answer);
