import { type AnswerProblem, answerProblems } from "@/server/form/answers";
import { type Answer, type Answers, answerTo, isAsked, type Question } from "@/server/form/schema";
import { componentOf } from "../question";
import type { Say } from "../question/component";
import type { Target } from "../question/target";

/** The targets of a task with `k` responses, in the order of the form. */
export const targetsOf = (questions: readonly Question[], k: number): Target[] =>
  questions
    .filter((question) => isAsked(question, k, questions))
    .flatMap((question) => componentOf(question.type).targets(question, k));

export function isAnswered(target: Target, answers: Answers): boolean {
  const { question } = target;
  const answer = answerTo(question.type, question, answers);
  return answer !== undefined && componentOf(question.type).isAnswered(answer, target);
}

/**
 * Where a digit acts: on the marked target, or on the verdict while the marker stands beside the judgement, at reasons
 * or a text. A digit never means anything but the verdict.
 */
export function digitMarker({ targets, marker }: { targets: readonly Target[]; marker: number }): number {
  const marked = targets[marker];
  if (marked && !componentOf(marked.question.type).aside) return marker;
  const verdict = targets.findIndex(({ question }) => !componentOf(question.type).aside);
  return verdict < 0 ? marker : verdict;
}

/** A reason to tick, and the question that offers it. */
export interface Chip {
  questionId: string;
  value: string;
}

/** The reasons of a task, in the order of the form. */
export const chipsOf = (targets: readonly Target[]): Chip[] =>
  targets.flatMap(({ question }) =>
    (componentOf(question.type).chips?.of(question) ?? []).map((value) => ({
      questionId: question.id,
      value,
    })),
  );

/** The answer that a digit gives where the marker stands; null where it means nothing. */
export function digit(answers: Answers, target: Target, value: number, k: number): Answer | null {
  const { question } = target;
  const answer = answerTo(question.type, question, answers);
  return componentOf(question.type).digit(question, answer, { target, value, k });
}

/** "About the same" or "both are bad" as the answer to the first question that can say so; null where it may not. */
export function neither(
  targets: readonly Target[],
  outcome: "tie" | "both_bad",
): { marker: number; answer: Answer } | null {
  const marker = targets.findIndex(({ question }) => componentOf(question.type).neither);
  const question = targets[marker]?.question;
  const answer = question && componentOf(question.type).neither?.(question, outcome);
  return answer ? { marker, answer } : null;
}

/** The judgement in words, so that a slip of the finger is noticed before it is sent. */
export function readBack(targets: readonly Target[], answers: Answers, say: Say): string | null {
  for (const { question } of targets) {
    const answer = answerTo(question.type, question, answers);
    const sentence = answer && componentOf(question.type).sentence?.(question, answer, say);
    if (sentence) return sentence;
  }
  return null;
}

/**
 * The answers as they are sent: without the optional questions that were left empty, ranks without gaps.
 * @returns the answers and what still stands in their way
 */
export function finish(
  questions: readonly Question[],
  k: number,
  draft: Answers,
): { answers: Answers; problems: AnswerProblem[] } {
  const answers: Answers = {};
  const unfinished: AnswerProblem[] = [];
  for (const question of questions) {
    const answer = answerTo(question.type, question, draft);
    const { isEmpty, finish: end } = componentOf(question.type);
    if (!answer || isEmpty(answer)) continue;
    const ended = end?.(answer) ?? { answer };
    answers[question.id] = "answer" in ended ? ended.answer : answer;
    if ("open" in ended)
      unfinished.push({ question: question.id, message: `${question.label}: ${ended.open}` });
  }
  const others = answerProblems(questions, k, answers).filter(
    (problem) => !unfinished.some((open) => open.question === problem.question),
  );
  const order = (problem: AnswerProblem) =>
    questions.findIndex((question) => question.id === problem.question);
  return { answers, problems: [...unfinished, ...others].toSorted((a, b) => order(a) - order(b)) };
}
