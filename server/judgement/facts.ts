import { deriveMarks, derivePreferences } from "../form/answers";
import type { Answers, Question } from "../form/schema";

/** What an annotation states, with the responses by their ids: a row each of `preference` and `mark_fact`. */
export interface Facts {
  preferences: {
    questionId: string;
    responseA: string;
    responseB: string;
    outcome: "a" | "b" | "tie" | "both_bad";
    strength: number;
    aShownFirst: boolean | null;
  }[];
  marks: { questionId: string; responseId: string | null; item: string; value: number }[];
}

/** What a judgement that is set apart states of its responses. */
export const nothingStated: Facts = { preferences: [], marks: [] };

export interface Judged {
  questions: readonly Question[];
  /** In canonical order. */
  answers: Answers;
  /** Null when it is unknown what was shown first. */
  order: readonly number[] | null;
  /** The task's canonical order. */
  responseIds: readonly string[];
}

/** The facts of an annotation. Question types say which; this gives them their responses. */
export function factsOf({ questions, answers, order, responseIds }: Judged): Facts {
  return {
    preferences: derivePreferences(questions, answers, order).map(({ a, b, ...fact }) => ({
      ...fact,
      responseA: responseIds[a],
      responseB: responseIds[b],
    })),
    marks: deriveMarks(questions, answers).map(({ response, ...mark }) => ({
      ...mark,
      responseId: response === null ? null : responseIds[response],
    })),
  };
}
