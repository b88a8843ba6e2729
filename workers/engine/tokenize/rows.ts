/**
 * Rows as the training loop reads them: token ids as TRL 1.16 makes them, cut to max_length. `Tokens` is what a
 * single example gives; a `Row` also knows its line in the file, for messages.
 */

/** What a row with a prompt knows of it. */
interface Parted {
  /** The prompt's tokens do not begin those of prompt + answer: its end went into the answer. */
  parted: boolean;
}

export interface SftTokens extends Partial<Parted> {
  input_ids: number[];
  /** labels[i]: token i is predicted and counts for the loss; never the first token of a segment. */
  labels: boolean[];
  /** 1 for tokens of the completion (rows with prompt and completion), ANDed with the assistant's if that is asked. */
  completion_mask?: number[];
  /** 1 for tokens that the assistant wrote (rows with messages under a tagged template). */
  assistant_mask?: number[];
}

export interface PreferenceTokens extends Parted {
  prompt_ids: number[];
  chosen_ids: number[];
  rejected_ids: number[];
}

/** Whole conversations; `…_end` is the index of the token whose hidden state is pooled. */
export interface RewardTokens {
  chosen_ids: number[];
  rejected_ids: number[];
  chosen_end: number;
  rejected_end: number;
  margin?: number;
}

export interface KtoTokens extends Parted {
  prompt_ids: number[];
  completion_ids: number[];
  /** The completion before it was cut: the next row's mismatched answer, which has its own room. */
  whole_ids: number[];
  label: boolean;
}

/** k answers to one prompt; higher scores are better, equal ones tie. `ends` as in reward rows, of prompt + response. */
export interface RankedTokens extends Parted {
  prompt_ids: number[];
  responses: number[][];
  scores: number[];
  ends: number[];
}

/** Line in the file, 1-based; of the first of its examples for a packed row. */
interface Placed {
  row: number;
}

/** What the row's loss is multiplied by, where rows have weights. */
interface Weighed {
  weight?: number;
}

export interface SftRow extends Placed {
  input_ids: number[];
  labels: boolean[];
  /** Packed rows: lengths of the documents; positions restart and attention does not cross. */
  segments?: number[];
  /** What each token's loss is multiplied by, where rows have weights. */
  weights?: number[];
}
export type PreferenceRow = Placed & Weighed & PreferenceTokens;
export type RewardRow = Placed & Weighed & RewardTokens;
export type KtoRow = Placed & Weighed & KtoTokens;
export type RankedRow = Placed & Weighed & RankedTokens;
