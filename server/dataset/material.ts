import type { Message } from "../../db/shape/content";
import type { WrittenReply as OwnReply } from "../form/kind/kind";
import type { Vote } from "./aggregate";

export interface SourceResponse {
  id: string;
  /** Hash of the content and its source: the same in every database. */
  key: string;
  content: string;
  /** What a reply of several turns, or one that calls tools, was imported as; else one turn of `content`. */
  turns: Message[] | null;
  source: string | null;
}

/** A reply that a rater wrote or rewrote. */
export interface WrittenReply extends OwnReply {
  annotationId: string;
  raterId: string;
}

/** The votes on one pair of responses, in the order in which they were given, `first` having the smaller key. */
export interface Comparison {
  first: SourceResponse;
  second: SourceResponse;
  votes: readonly Vote[];
}

/** What a judgement says of a reply by itself: an answer to a choice of "good" and "bad" asked of each response. */
export interface Label {
  response: SourceResponse;
  good: boolean;
  annotationId: string;
  raterId: string;
}

/** Everything that was judged about one prompt; comparisons under the recipe's questions alone. */
export interface Material {
  promptKey: string;
  messages: Message[];
  tools: unknown[] | null;
  comparisons: readonly Comparison[];
  /** For unpaired rows alone; others do not read them. */
  labels: readonly Label[];
  /** For SFT rows alone. */
  written: readonly WrittenReply[];
}
