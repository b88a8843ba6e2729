import * as ops from "../graph/ops";
import { sftLoss } from "../loss";
import type { SftRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { over, overTrees } from "./parts";

/** Likelihood of the label tokens. */
export function sftObjective(rows: readonly SftRow[]): Objective {
  return {
    ...overTrees(
      rows,
      rows.map(({ input_ids, labels, segments }) => ({
        prompt: [],
        responses: [{ ids: input_ids, scored: labels, lengths: segments }],
      })),
    ),
    needsReference: false,
    outcome(model) {
      const tokens = model.tokens();
      const { loss, metrics } = sftLoss({ logp: tokens.logp });
      const all = ops.expandLike(ops.constant(1), tokens.logp);
      return {
        loss,
        metrics: {
          ...metrics,
          entropy: over(all, tokens.entropy),
          mean_token_accuracy: over(all, tokens.correct),
        },
      };
    },
    feeds: () => ({}),
    weight: (indices) =>
      indices.reduce((total, index) => total + rows[index].labels.filter(Boolean).length, 0),
  };
}
