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

/** A scorer of its own: for tasks whose figures are more than whether an answer is the target. */
export interface Process {
  /** The metrics it gives. */
  readonly metrics: readonly string[];
  /** Numbers in the document are plain. */
  readonly ofText?: (document: Document, answer: string) => Scores;
  /** Of all answers to a document as they were written, where no filter is to touch them. */
  readonly ofTexts?: (document: Document, answers: readonly string[]) => Promise<Scores>;
  /** What it needs of the machine. @throws InputError saying what is missing, before anything is asked */
  readonly prepare?: () => Promise<void>;
  readonly ofChoices?: (document: Document, item: ChoiceItem) => Scores;
  /** Our stricter score of its metrics. */
  readonly strictOfChoices?: (document: Document, item: ChoiceItem) => Readonly<Record<string, Strict>>;
}
