/** Scorers of their own: for tasks whose figures are more than whether an answer is the target. */
import type { Document } from "./document";
import { type ChoiceItem, rightShare, type Scores } from "./metrics";
import { labelsOf } from "./suites/truthfulqa";
import type { processes } from "./task";

export interface Process {
  /** The metrics it gives. */
  readonly metrics: readonly string[];
  /** Numbers in the document are plain. */
  readonly ofText?: (document: Document, answer: string) => Scores;
  readonly ofChoices?: (document: Document, item: ChoiceItem) => Scores;
}

const all: Readonly<Record<(typeof processes)[number], Process>> = {
  mc2: {
    metrics: ["acc"],
    ofChoices: (document, { scored }) => ({ acc: rightShare(scored, labelsOf(document)) }),
  },
};

export const processOf = (name: (typeof processes)[number]): Process => all[name];
