import type { Dim, Value } from "../graph/graph";
import type { TensorData } from "../graph/session";
import type { Outcome } from "../loss";
import type { TokenScores } from "../model/head";
import type { Packed, Tree } from "../rows/packing";

/** The model as a loss reads it. */
export interface Reading {
  /** The scored tokens under the policy. */
  readonly tokens: () => TokenScores;
  /** Their log-probabilities under the frozen reference, [scored]. */
  readonly reference: () => Value;
  /** The reward head at the pooled tokens, [responses]. */
  readonly rewards: (responses: Dim) => Value;
}

export interface Objective {
  /** One tree a row, and the row's line in its file. */
  readonly trees: readonly Tree[];
  readonly lines: readonly number[];
  readonly needsReference: boolean;
  /** Loss and metrics of a micro-batch of `rows` rows. */
  readonly outcome: (model: Reading, rows: number) => Outcome;
  /** What `outcome` reads besides the model: for the rows at these indices, packed in this order. */
  readonly feeds: (indices: readonly number[], packed: Packed) => Readonly<Record<string, TensorData>>;
  /** The micro-batch's share in the loss of its step: label tokens for SFT, else one (TRL's reductions). */
  readonly weight: (indices: readonly number[]) => number;
  /** Tokens that the reference implementation counts for a row: each response with its prompt. */
  readonly tokens: (index: number) => number;
}
