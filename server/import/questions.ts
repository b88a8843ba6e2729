import type { Message } from "../../db/shape/content";
import type { AnswerOf, Answers, Question, QuestionOf } from "../form/schema";
import type { ImportedRater, Judgement } from "./schema";

/** The rater of verdicts whose author the file does not name, as in `chosen` and `rejected`. */
export const fileLabel: ImportedRater = { id: "label", kind: "label" };

const asked = { help: "", required: true };

export const betterQuestion: QuestionOf<"preference"> = {
  ...asked,
  id: "better",
  type: "preference",
  label: "Which response is better?",
  points: 2,
  tie: true,
  bothBad: false,
};

/** The same comparison where "both are bad" is an answer of its own. */
const betterOrNoneQuestion: QuestionOf<"preference"> = {
  ...betterQuestion,
  id: "better_or_none",
  bothBad: true,
};

/** The same comparison with a strength, for files that state a margin. */
export const marginQuestion: QuestionOf<"preference"> = { ...betterQuestion, id: "better_by", points: 7 };

export const rankingQuestion: QuestionOf<"ranking"> = {
  ...asked,
  id: "ranking",
  type: "ranking",
  label: "Rank the responses from best to worst.",
  ties: true,
};

export const demonstrationQuestion: QuestionOf<"text"> = {
  ...asked,
  id: "demonstration",
  type: "text",
  label: "Write the best reply.",
  purpose: "demonstration",
  chips: [],
  minLength: 0,
  maxLength: 200_000,
};

export const rationaleQuestion: QuestionOf<"text"> = {
  ...demonstrationQuestion,
  id: "rationale",
  label: "Why?",
  purpose: "rationale",
  maxLength: 20_000,
};

export const critiqueQuestion: QuestionOf<"text"> = {
  ...demonstrationQuestion,
  id: "critique",
  label: "What is wrong with the responses?",
  purpose: "critique",
};

export const editQuestion: QuestionOf<"edit"> = {
  ...asked,
  id: "edit",
  type: "edit",
  label: "Correct the response.",
};

/** What these ask, a project's own question of the same type asks too, in whatever words. */
export const usualLabels: ReadonlySet<string> = new Set(
  [
    betterQuestion,
    rankingQuestion,
    demonstrationQuestion,
    rationaleQuestion,
    critiqueQuestion,
    editQuestion,
  ].map(({ label }) => label),
);

export function ratingQuestion(
  id: string,
  label: string,
  attributes: readonly { id: string; label: string }[],
  max: number,
  required = true,
): QuestionOf<"rating"> {
  return {
    ...asked,
    id,
    label,
    type: "rating",
    per: "response",
    attributes: [...attributes],
    min: 0,
    max,
    required,
  };
}

export function choiceQuestion(
  id: string,
  label: string,
  values: readonly string[],
  per: "response" | "task",
): QuestionOf<"choice"> {
  const options = values.map((value) => ({
    value,
    label: value.replace(/^./, (first) => first.toUpperCase()),
  }));
  return { ...asked, id, label, type: "choice", per, options, multiple: false };
}

/** A question and its answer. */
export type Answered = readonly [question: Question, answer: AnswerOf<Question["type"]>];

/** One rater's answers. */
export function judgement(rater: ImportedRater, ...answered: Answered[]): Judgement {
  const answers: Answers = {};
  for (const [question, answer] of answered) answers[question.id] = answer;
  return { rater, questions: answered.map(([question]) => question), answers };
}

export function better(outcome: "a" | "b" | "tie"): Answered {
  return [betterQuestion, { type: "preference", outcome, ...(outcome === "tie" ? {} : { level: 1 }) }];
}

/** For files in which raters could also say that no response is good. */
export function betterOrNone(outcome: "a" | "b" | "tie" | "both_bad"): Answered {
  const level = outcome === "a" || outcome === "b" ? { level: 1 } : {};
  return [betterOrNoneQuestion, { type: "preference", outcome, ...level }];
}

/** A comparison from −3 (the first response is much better) to 3 (the second is); 0 is about the same. */
export function leaning(strength: number): Answered {
  if (strength === 0) return [marginQuestion, { type: "preference", outcome: "tie" }];
  const outcome = strength < 0 ? "a" : "b";
  return [marginQuestion, { type: "preference", outcome, level: Math.abs(strength) }];
}

/** Two ranks are a comparison, as on the desk. */
export function ranked(ranks: number[]): Answered {
  if (ranks.length === 2) return better(ranks[0] === ranks[1] ? "tie" : ranks[0] < ranks[1] ? "a" : "b");
  return [rankingQuestion, { type: "ranking", ranks }];
}

export function written(question: QuestionOf<"text">, text: string, turns?: Message[]): Answered {
  return [question, { type: "text", text, chips: [], ...(turns ? { turns } : {}) }];
}

/** Ranks 1, 2, … by score, the highest first; equal scores share the better rank. */
export function ranksByScore(scores: readonly number[]): number[] {
  return scores.map((score) => 1 + scores.filter((other) => other > score).length);
}
