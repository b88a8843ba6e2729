import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import { sftLoss } from "../loss";
import type { SftRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { numbers, over, overTrees } from "./parts";

/** Likelihood of the label tokens. */
export function sftObjective(rows: readonly SftRow[]): Objective {
  const weighted = rows[0].weights !== undefined;
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
      const weight = weighted ? ops.input("weight", ["scored"]) : undefined;
      const { loss, metrics } = sftLoss({ logp: tokens.logp, weight });
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
    feeds(indices): Record<string, TensorData> {
      if (!weighted) return {};
      const scored = indices.flatMap((index) => {
        const { labels, weights = [] } = rows[index];
        return weights.filter((_, token) => labels[token]);
      });
      return { weight: numbers(scored) };
    },
    weight: (indices) =>
      indices.reduce((total, index) => total + rows[index].labels.filter(Boolean).length, 0),
  };
}
