import type { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { AnswerOf, QuestionOf, QuestionType } from "@/server/form/schema";
import type { Action, DeskState } from "../desk/model";
import type { Target } from "./target";

export interface SettingsProps<T extends QuestionType> {
  question: QuestionOf<T>;
  onChange: (question: QuestionOf<T>) => void;
}

export interface ControlProps<T extends QuestionType> {
  question: QuestionOf<T>;
  /** Undefined until something is answered. */
  answer: AnswerOf<T> | undefined;
  onAnswer: (answer: AnswerOf<T>) => void;
  state: DeskState;
  dispatch: (action: Action) => void;
  /** Index of the question's first target. */
  first: number;
  /** Whether digits act on this question now, so that its keys are shown. */
  live: boolean;
  /** The key of an action of the desk, as it is printed beside it. */
  keyOf: (id: string) => string;
  /** The key of one of the question's reasons; undefined where there are more reasons than letters. */
  keyOfChip: (value: string) => string | undefined;
}

export interface HeadProps<T extends QuestionType> {
  question: QuestionOf<T>;
  answer: AnswerOf<T> | undefined;
  onAnswer: (answer: AnswerOf<T>) => void;
  dispatch: (action: Action) => void;
  slot: number;
  /** Number of responses shown. */
  k: number;
  /** Whether digits act on this response now. */
  live: boolean;
}

export interface ViewProps<T extends QuestionType> {
  question: QuestionOf<T>;
  answer: AnswerOf<T>;
  responses: readonly { content: string }[];
  lang: string | null;
}

export interface BenchProps<T extends QuestionType> {
  question: QuestionOf<T>;
  answer: AnswerOf<T> | undefined;
  onAnswer: (answer: AnswerOf<T>) => void;
  dispatch: (action: Action) => void;
  /** The response that is being rewritten. */
  slot: number;
  /** The responses. */
  texts: readonly string[];
  say: Say;
}

/** A text that is written on the workbench, with the room of the responses. */
export interface BenchText {
  title: ReactNode;
  label: string;
  text: string;
  onText: (text: string) => void;
  /** The caret goes into the text when this changes. */
  focusOn: string | number;
  /** What it is compared with; null where it is new. */
  original: string | null;
  maxLength: number | undefined;
  /** What a click into the text means. */
  begin: Action;
}

interface Badge {
  /** A word of `question.badge`. */
  is: "better" | "bad" | "edited";
  tone: "good" | "bad" | "accent";
}

/** Says something about questions in the language of whoever looks. */
export type Say = ReturnType<typeof useTranslations<"question">>;

/** How a type of question is set, asked and shown. Everything the desk does differently for a type stands here. */
export interface QuestionComponent<T extends QuestionType> {
  /** In the menu of new questions. */
  name: string;
  /** What a new question starts from. */
  fresh: Partial<QuestionOf<T>> & { label: string };
  /** What can be set beyond the wording. */
  Settings: (props: SettingsProps<T>) => ReactNode;
  /** Where it is answered. */
  Control: (props: ControlProps<T>) => ReactNode;
  /** Whether the control takes the whole width of a wide screen. */
  broad: boolean;
  /** A given answer in full. */
  View: (props: ViewProps<T>) => ReactNode;
  /** A given answer in a few characters; empty where there is nothing to say. */
  summary: (answer: AnswerOf<T>, say: Say) => string;

  targets: (question: QuestionOf<T>, k: number) => Target[];
  isAnswered: (answer: AnswerOf<T>, target: Target) => boolean;
  /** Whether nothing is answered: an optional question is then left out. */
  isEmpty: (answer: AnswerOf<T>) => boolean;
  /** The answer after a digit, 0 included, on a target; null where the digit means nothing. */
  digit: (
    question: QuestionOf<T>,
    answer: AnswerOf<T> | undefined,
    press: { target: Target; value: number; k: number },
  ) => AnswerOf<T> | null;
  /** Whether the marker stays after a digit, because the same target may get another one. */
  stays: (question: QuestionOf<T>) => boolean;
  /** Whether the marker goes there only when the rater moves it. */
  aside: boolean;

  /** Reasons to tick, each with a key of its own wherever the marker stands. */
  chips?: {
    of: (question: QuestionOf<T>) => readonly string[];
    toggle: (answer: AnswerOf<T> | undefined, value: string) => AnswerOf<T>;
  };
  /** The answer "about the same" or "both are bad"; null where it is not offered. */
  neither?: (question: QuestionOf<T>, outcome: "tie" | "both_bad") => AnswerOf<T> | null;
  /** The answer after ← or →, where they walk along a scale instead of from cell to cell. */
  step?: (question: QuestionOf<T>, answer: AnswerOf<T> | undefined, by: -1 | 1) => AnswerOf<T>;
  /** The response that the answer makes worth rewriting. */
  favourite?: (answer: AnswerOf<T>) => number | null;
  /** The judgement in words. */
  sentence?: (question: QuestionOf<T>, answer: AnswerOf<T>, say: Say) => string | null;
  /** The answer as it is sent, or what is still open: a clause that `messages/said` knows. */
  finish?: (answer: AnswerOf<T>) => { answer: AnswerOf<T> } | { open: string };
  /** The shape of an unfinished answer, where it is another. */
  draft?: z.ZodType<AnswerOf<T>>;
  /** In which mode of the desk its text is written. */
  mode?: "writing" | "editing";
  /** The action whose key goes to this question, by the id of its binding. */
  hint?: (question: QuestionOf<T>) => string | null;
  /** Beside the letter of a response. */
  badge?: (answer: AnswerOf<T>, slot: number) => Badge | null;
  /** At the head of a response. */
  Head?: (props: HeadProps<T>) => ReactNode;
  bench?: {
    isFor: (question: QuestionOf<T>) => boolean;
    of: (props: BenchProps<T>) => BenchText;
  };
}
