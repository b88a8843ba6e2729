import { type AnswerProblem, answerProblems } from "@/server/form/answers";
import { preferenceLevels } from "@/server/form/kind/preference";
import type { AnswerOf, Answers, Question, QuestionOf } from "@/server/form/schema";
import { letterOf, type Target } from "./targets";

type Preference = AnswerOf<"preference">;

/** A point of a preference scale: its key, its words and what it means. */
export interface ScalePoint {
  key: number;
  label: string;
  answer: Preference;
}

const degrees: Record<number, readonly string[]> = {
  1: ["better"],
  2: ["slightly better", "much better"],
  3: ["slightly better", "clearly better", "much better"],
};

/** From "A much better" to "B much better". The middle of seven is the tie, offered only where ties are. */
export function scaleOf(question: QuestionOf<"preference">): ScalePoint[] {
  const levels = preferenceLevels[question.points];
  const side = (outcome: "a" | "b", level: number): Omit<ScalePoint, "key"> => ({
    label: `${outcome.toUpperCase()} ${degrees[levels]?.[level - 1] ?? "better"}`,
    answer: { type: "preference", outcome, level },
  });
  const outward = Array.from({ length: levels }, (_, index) => index + 1);
  const points = [
    ...outward.toReversed().map((level) => side("a", level)),
    ...(question.points === 7
      ? [{ label: "About the same", answer: { type: "preference", outcome: "tie" } } as const]
      : []),
    ...outward.map((level) => side("b", level)),
  ].map((point, index) => ({ ...point, key: index + 1 }));
  return question.tie ? points : points.filter((point) => point.answer.outcome !== "tie");
}

export const samePreference = (one: Preference | undefined, other: Preference): boolean =>
  one?.outcome === other.outcome && one.level === other.level;

/** One step along the scale; the first press picks the mildest point of that side. */
export function stepPreference(
  question: QuestionOf<"preference">,
  current: Preference | undefined,
  by: -1 | 1,
): Preference {
  const sides = scaleOf(question).map((point) => point.answer);
  const at = sides.findIndex((answer) => samePreference(current, answer));
  const mildest = sides.find((answer) => answer.outcome === (by < 0 ? "a" : "b") && answer.level === 1);
  const stepped = at < 0 ? mildest : sides[at + by];
  return stepped ?? current ?? { type: "preference", outcome: by < 0 ? "a" : "b", level: 1 };
}

const withAt = <T>(values: readonly T[], index: number, value: T): T[] =>
  values.map((old, position) => (position === index ? value : old));

/** An unranked response has rank 0 until the answer is finished. */
export const ranksOf = (answers: Answers, question: Question, k: number): number[] => {
  const answer = answers[question.id];
  return answer?.type === "ranking" ? answer.ranks : Array<number>(k).fill(0);
};

export const ratingsOf = (answers: Answers, question: QuestionOf<"rating">, attribute: string, k: number) => {
  const answer = answers[question.id];
  const values = answer?.type === "rating" ? answer.values[attribute] : undefined;
  return values ?? Array<number | null>(question.per === "task" ? 1 : k).fill(null);
};

export const choicesOf = (answers: Answers, question: QuestionOf<"choice">, k: number): string[][] => {
  const answer = answers[question.id];
  return answer?.type === "choice"
    ? answer.values
    : Array.from({ length: question.per === "task" ? 1 : k }, () => []);
};

export const textOf = (answers: Answers, question: Question): AnswerOf<"text"> => {
  const answer = answers[question.id];
  return answer?.type === "text" ? answer : { type: "text", text: "", chips: [] };
};

export const editsOf = (answers: Answers, question: Question, k: number): (string | null)[] => {
  const answer = answers[question.id];
  return answer?.type === "edit" ? answer.texts : Array<string | null>(k).fill(null);
};

export const rank = (
  answers: Answers,
  question: Question,
  slot: number,
  value: number,
  k: number,
): Answers => ({
  ...answers,
  [question.id]: { type: "ranking", ranks: withAt(ranksOf(answers, question, k), slot, value) },
});

export function rate(
  answers: Answers,
  question: QuestionOf<"rating">,
  { attribute, slot, value, k }: { attribute: string; slot: number; value: number | null; k: number },
): Answers {
  const answer = answers[question.id];
  const values = answer?.type === "rating" ? answer.values : {};
  const changed = withAt(ratingsOf(answers, question, attribute, k), slot, value);
  return { ...answers, [question.id]: { type: "rating", values: { ...values, [attribute]: changed } } };
}

export function choose(
  answers: Answers,
  question: QuestionOf<"choice">,
  { slot, value, k }: { slot: number; value: string; k: number },
): Answers {
  const all = choicesOf(answers, question, k);
  const chosen = all[slot] ?? [];
  const without = chosen.filter((other) => other !== value);
  const next = without.length < chosen.length ? without : question.multiple ? [...chosen, value] : [value];
  return { ...answers, [question.id]: { type: "choice", values: withAt(all, slot, next) } };
}

export function toggleChip(answers: Answers, question: QuestionOf<"text">, value: string): Answers {
  const answer = textOf(answers, question);
  const chips = answer.chips.includes(value)
    ? answer.chips.filter((chip) => chip !== value)
    : [...answer.chips, value];
  return { ...answers, [question.id]: { ...answer, chips } };
}

/** Scales beyond nine points are typed as numbers: 4 then 2 makes 42. */
export const isWide = (question: QuestionOf<"rating">): boolean => question.max > 9;

/** What a digit means where the marker stands; null where it means nothing. */
export function digit(answers: Answers, target: Target, value: number, k: number): Answers | null {
  const { question } = target;
  switch (target.kind) {
    case "preference": {
      const point = scaleOf(target.question).find(({ key }) => key === value);
      return point ? { ...answers, [question.id]: point.answer } : null;
    }
    case "rank":
      return value >= 1 && value <= k ? rank(answers, question, target.slot, value, k) : null;
    case "rate": {
      const { attribute, slot } = target;
      const old = ratingsOf(answers, target.question, attribute, k)[slot] ?? null;
      const typed = isWide(target.question) && old !== null ? old * 10 + value : value;
      const rating = typed <= target.question.max ? typed : value;
      if (rating > target.question.max || (rating < target.question.min && !isWide(target.question)))
        return null;
      return rate(answers, target.question, { attribute, slot, value: rating, k });
    }
    case "choose": {
      const option = target.question.options[value - 1];
      return option ? choose(answers, target.question, { slot: target.slot, value: option.value, k }) : null;
    }
    case "text": {
      const chip = target.question.chips[value - 1];
      return chip ? toggleChip(answers, target.question, chip.value) : null;
    }
    case "edit":
      return null;
  }
}

/** Ranks without gaps: 2, 2, 4 says no more than 1, 1, 2. */
export function denseRanks(ranks: readonly number[]): number[] {
  const steps = [...new Set(ranks)].toSorted((a, b) => a - b);
  return ranks.map((value) => steps.indexOf(value) + 1);
}

/** "B is best, then A and C tie, then D." Null until everything is ranked. */
export function rankSentence(ranks: readonly number[]): string | null {
  if (ranks.length === 0 || ranks.includes(0)) return null;
  const dense = denseRanks(ranks);
  const groups = Array.from({ length: Math.max(...dense) }, (_, index) =>
    dense.flatMap((value, slot) => (value === index + 1 ? [letterOf(slot)] : [])),
  );
  const list = new Intl.ListFormat("en", { type: "conjunction" });
  const [best, ...rest] = groups;
  if (!best || (rest.length === 0 && best.length > 1)) return "All are equally good.";
  const head = best.length > 1 ? `${list.format(best)} tie for best` : `${best[0]} is best`;
  const tail = rest.map((group) => `then ${list.format(group)}${group.length > 1 ? " tie" : ""}`);
  return `${[head, ...tail].join(", ")}.`;
}

/** "B is slightly better." */
export function preferenceSentence(answer: Preference, question: QuestionOf<"preference">): string {
  if (answer.outcome === "tie") return "Both are about the same.";
  if (answer.outcome === "both_bad") return "Both are bad.";
  const [letter, ...degree] =
    scaleOf(question)
      .find((point) => samePreference(answer, point.answer))
      ?.label.split(" ") ?? [];
  return `${letter} is ${degree.join(" ")}.`;
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
  const unranked: AnswerProblem[] = [];
  for (const question of questions) {
    const answer = draft[question.id];
    if (!answer || isEmpty(answer)) continue;
    answers[question.id] = answer;
    if (answer.type !== "ranking") continue;
    const open = answer.ranks.flatMap((value, slot) => (value === 0 ? [letterOf(slot)] : []));
    if (open.length === 0) answers[question.id] = { ...answer, ranks: denseRanks(answer.ranks) };
    else unranked.push({ question: question.id, message: `${question.label}: rank ${open.join(", ")} too.` });
  }
  const others = answerProblems(questions, k, answers).filter(
    (problem) => !unranked.some((open) => open.question === problem.question),
  );
  const order = (problem: AnswerProblem) =>
    questions.findIndex((question) => question.id === problem.question);
  return { answers, problems: [...unranked, ...others].toSorted((a, b) => order(a) - order(b)) };
}

function isEmpty(answer: Answers[string]): boolean {
  switch (answer.type) {
    case "preference":
      return false;
    case "ranking":
      return answer.ranks.every((value) => value === 0);
    case "rating":
      return Object.values(answer.values).every((values) => values.every((value) => value === null));
    case "choice":
      return answer.values.every((chosen) => chosen.length === 0);
    case "text":
      return answer.text.trim() === "" && answer.chips.length === 0;
    case "edit":
      return answer.texts.every((text) => text === null);
  }
}
