import { type Answer, type Answers, isAsked, preferenceLevels, type Question } from "./schema";

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
    const answer = answers[question.id];
    const message = answer
      ? problemOf(question, answer, k)
      : question.required
        ? "An answer is required."
        : null;
    if (message) problems.push({ question: question.id, message: `${question.label}: ${message}` });
  }
  return problems;
}

function problemOf(question: Question, answer: Answer, k: number): string | null {
  switch (question.type) {
    case "preference": {
      if (answer.type !== "preference") return wrongType(question, answer);
      if (answer.outcome === "tie") return question.tie ? null : "a tie is not offered.";
      if (answer.outcome === "both_bad") return question.bothBad ? null : "both bad is not offered.";
      const levels = preferenceLevels[question.points];
      return answer.level !== undefined && answer.level <= levels ? null : `level must be 1 to ${levels}.`;
    }
    case "ranking": {
      if (answer.type !== "ranking") return wrongType(question, answer);
      if (answer.ranks.length !== k) return `rank all ${k} responses.`;
      if (answer.ranks.some((rank) => rank > k)) return `ranks run from 1 to ${k}.`;
      if (!question.ties && new Set(answer.ranks).size !== k) return "ties are not offered.";
      return answer.ranks.includes(1) ? null : "one response must have rank 1.";
    }
    case "rating": {
      if (answer.type !== "rating") return wrongType(question, answer);
      const count = question.per === "task" ? 1 : k;
      for (const attribute of question.attributes) {
        const values = answer.values[attribute.id];
        if (!values) {
          if (question.required) return `rate ${attribute.label}.`;
          continue;
        }
        if (values.length !== count) return `${attribute.label} needs ${count} values.`;
        for (const value of values) {
          if (value === null) {
            if (question.required) return `rate ${attribute.label} for every response.`;
          } else if (!Number.isInteger(value) || value < question.min || value > question.max)
            return `${attribute.label} must be a whole number from ${question.min} to ${question.max}.`;
        }
      }
      const unknown = Object.keys(answer.values).find((id) => !question.attributes.some((a) => a.id === id));
      return unknown ? `"${unknown}" is not an attribute.` : null;
    }
    case "choice": {
      if (answer.type !== "choice") return wrongType(question, answer);
      const count = question.per === "task" ? 1 : k;
      if (answer.values.length !== count) return `choose for ${count} of ${count}.`;
      for (const chosen of answer.values) {
        if (question.required && chosen.length === 0) return "choose an option.";
        if (!question.multiple && chosen.length > 1) return "choose one option only.";
        if (new Set(chosen).size !== chosen.length) return "an option is chosen twice.";
        const unknown = chosen.find((value) => !question.options.some((option) => option.value === value));
        if (unknown !== undefined) return `"${unknown}" is not an option.`;
      }
      return null;
    }
    case "text": {
      if (answer.type !== "text") return wrongType(question, answer);
      const length = answer.text.trim().length;
      if (question.required && length === 0 && answer.chips.length === 0) return "write something.";
      if (length > 0 && length < question.minLength)
        return `write at least ${question.minLength} characters.`;
      if (answer.text.length > question.maxLength) return `write at most ${question.maxLength} characters.`;
      const unknown = answer.chips.find((chip) => !question.chips.some((option) => option.value === chip));
      return unknown !== undefined ? `"${unknown}" is not one of the reasons.` : null;
    }
    case "edit": {
      if (answer.type !== "edit") return wrongType(question, answer);
      if (answer.texts.length !== k) return `give ${k} texts, null where a response is left as it is.`;
      if (answer.texts.some((text) => text !== null && text.trim() === ""))
        return "an edited response is empty.";
      return question.required && answer.texts.every((text) => text === null) ? "edit a response." : null;
    }
  }
}

function wrongType(question: Question, answer: Answer): string {
  return `the answer is of type ${answer.type}, the question of type ${question.type}.`;
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
  return permute(questions, shown, place, order[0] > order[1]);
}

/** The inverse of {@link toCanonical}: stored answers as the rater saw them. */
export function toShown(
  questions: readonly Question[],
  canonical: Answers,
  order: readonly number[],
): Answers {
  return permute(questions, canonical, (values) => order.map((slot) => values[slot]), order[0] > order[1]);
}

function permute(
  questions: readonly Question[],
  answers: Answers,
  place: <T>(values: readonly T[]) => T[],
  swapped: boolean,
): Answers {
  const result: Answers = {};
  for (const question of questions) {
    const answer = answers[question.id];
    if (!answer) continue;
    result[question.id] = permuteOne(question, answer, place, swapped);
  }
  return result;
}

function permuteOne(
  question: Question,
  answer: Answer,
  place: <T>(values: readonly T[]) => T[],
  swapped: boolean,
): Answer {
  switch (answer.type) {
    case "preference":
      if (!swapped || (answer.outcome !== "a" && answer.outcome !== "b")) return answer;
      return { ...answer, outcome: answer.outcome === "a" ? "b" : "a" };
    case "ranking":
      return { ...answer, ranks: place(answer.ranks) };
    case "edit":
      return { ...answer, texts: place(answer.texts) };
    case "rating":
      if (question.type === "rating" && question.per === "task") return answer;
      return {
        ...answer,
        values: Object.fromEntries(Object.entries(answer.values).map(([id, values]) => [id, place(values)])),
      };
    case "choice":
      return question.type === "choice" && question.per === "task"
        ? answer
        : { ...answer, values: place(answer.values) };
    case "text":
      return answer;
  }
}

export interface DerivedPreference {
  questionId: string;
  /** Canonical indices, a < b. */
  a: number;
  b: number;
  outcome: "a" | "b" | "tie" | "both_bad";
  /** (0, 1] for a winner, else 0. */
  strength: number;
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
  const shownFirst = (a: number, b: number) => (order ? order.indexOf(a) < order.indexOf(b) : null);
  return questions.flatMap((question): DerivedPreference[] => {
    const answer = canonical[question.id];
    if (question.type === "preference" && answer?.type === "preference") {
      const decided = answer.outcome === "a" || answer.outcome === "b";
      const strength = decided ? (answer.level ?? 1) / preferenceLevels[question.points] : 0;
      return [
        {
          questionId: question.id,
          a: 0,
          b: 1,
          outcome: answer.outcome,
          strength,
          aShownFirst: shownFirst(0, 1),
        },
      ];
    }
    if (question.type === "ranking" && answer?.type === "ranking")
      return fromRanks(question.id, answer.ranks, shownFirst);
    return [];
  });
}

function fromRanks(
  questionId: string,
  ranks: readonly number[],
  shownFirst: (a: number, b: number) => boolean | null,
): DerivedPreference[] {
  const span = Math.max(1, ranks.length - 1);
  return ranks.flatMap((rankA, a) =>
    ranks.slice(a + 1).map((rankB, offset): DerivedPreference => {
      const b = a + 1 + offset;
      const outcome = rankA < rankB ? "a" : rankA > rankB ? "b" : "tie";
      return {
        questionId,
        a,
        b,
        outcome,
        strength: Math.abs(rankA - rankB) / span,
        aShownFirst: shownFirst(a, b),
      };
    }),
  );
}
