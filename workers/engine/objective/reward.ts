import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import { rewardLoss } from "../loss";
import { type Place, sharedLength, type Tree, vector } from "../rows/packing";
import type { RewardSpec } from "../spec/spec";
import type { RewardRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { numbers, overTrees, rowWeights } from "./parts";

/** Rewards of whole conversations, in pairs. */
export function rewardObjective(rows: readonly RewardRow[], spec: RewardSpec): Objective {
  const weights = rowWeights(rows);
  return {
    ...overTrees(
      rows,
      rows.map(({ chosen_ids, rejected_ids }) => sharing([chosen_ids, rejected_ids])),
    ),
    needsReference: false,
    outcome(model, count) {
      const pairs = ops.reshape(model.rewards(2 * count), [count, 2]);
      const side = (column: number) => ops.squeeze(ops.slice(pairs, 1, column, column + 1), 1);
      const margin = ops.input("margin", [count]);
      return rewardLoss({ chosen: side(0), rejected: side(1), margin, weight: weights.input(count) }, spec);
    },
    feeds: (indices, { places }) => ({
      pooled: pooled(
        places,
        indices.flatMap((index) => [rows[index].chosen_end, rows[index].rejected_end]),
      ),
      ...weights.feeds(indices),
      margin: numbers(indices.map((index) => rows[index].margin ?? 0)),
    }),
    weight: () => 1,
  };
}

/** Whole sequences as a tree: what they have in common at the start is computed once. */
export function sharing(sequences: readonly (readonly number[])[]): Tree {
  const shared = sharedLength(sequences);
  return {
    prompt: sequences[0].slice(0, shared),
    responses: sequences.map((ids) => ({
      ids: ids.slice(shared),
      scored: ids.slice(shared).map(() => false),
    })),
  };
}

/** Packed indices of each response's `ends`, which count from the start of its prompt. */
export function pooled(places: readonly Place[], ends: readonly number[]): TensorData {
  const indices = places.map(({ promptStart, promptLength, responseStart }, response) => {
    const end = ends[response];
    return end < promptLength ? promptStart + end : responseStart + end - promptLength;
  });
  return vector(indices);
}
