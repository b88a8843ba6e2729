import type { Document } from "../document";
import type { ChoiceItem, Scores } from "../metrics";
import type { Strict } from "../strict";

/** A known benchmark: the shape of its data and the task as it is usually run, which a task file may change. */
export interface Suite {
  /** What it asks, and the paper. */
  readonly title: string;
  /** Where its files are had. */
  readonly from: string;
  /** What its rows look like. */
  readonly shape: {
    /** Whether a row is of this benchmark. */
    readonly fits: (row: Document) => boolean;
    /**
     * A row with the fields that templates know. Absent where the file's own fields are all that they need.
     * @throws InputError naming the row's field that is not as it should be
     */
    readonly documents?: (row: Document, place: string) => Document[];
  };
  /** Fields of a task file, as lm-eval's own has them where it has the benchmark. */
  readonly task: Readonly<Record<string, unknown>>;
}

interface Said {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** The model that judges answers. */
export interface Judge {
  /** How likely each continuation is as its answer to a conversation, in nats. */
  likelihoods(messages: readonly Said[], continuations: readonly string[]): Promise<number[]>;
  /** What it answers, the likeliest token each time. */
  write(messages: readonly Said[], maxTokens: number): Promise<string>;
}

/** Whom a judged suite asks beside the question: the judge, and the model once more where a conversation goes on. */
export interface Asking {
  readonly judge: Judge;
  answer(messages: readonly Said[]): Promise<string>;
}

/** A scorer of its own: for tasks whose figures are more than whether an answer is the target. */
export interface Process {
  /** The metrics it gives. */
  readonly metrics: readonly string[];
  /** Numbers in the document are plain. */
  readonly ofText?: (document: Document, answer: string) => Scores;
  /** Of all answers to a document as they were written, where no filter is to touch them. */
  readonly ofTexts?: (document: Document, answers: readonly string[]) => Promise<Scores>;
  /**
   * Of all answers to a document, by a judge.
   * @returns the scores, and what else was said on the way
   */
  readonly ofJudged?: (
    document: Document,
    answers: readonly string[],
    asking: Asking,
  ) => Promise<{ scores: Scores; said: readonly string[] }>;
  /** What it needs of the machine. @throws InputError saying what is missing, before anything is asked */
  readonly prepare?: () => Promise<void>;
  readonly ofChoices?: (document: Document, item: ChoiceItem) => Scores;
  /** Our stricter score of its metrics. */
  readonly strictOfChoices?: (document: Document, item: ChoiceItem) => Readonly<Record<string, Strict>>;
}
