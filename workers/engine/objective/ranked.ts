import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import { rankedLoss, rankedRewardLoss } from "../loss";
import type { PreferenceSpec, RewardSpec } from "../spec/spec";
import type { RankedRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { membership, numbers, over, overTrees, total } from "./parts";
import { pooled, sharing } from "./reward";

/** Likelihoods of several ranked answers to a prompt. */
export function rankedObjective(rows: readonly RankedRow[], spec: PreferenceSpec): Objective {
  const ranking = rankingOf(rows);
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, responses }) => ({
        prompt: prompt_ids,
        responses: responses.map((ids) => ({ ids })),
      })),
    ),
    needsReference: false,
    outcome(model) {
      const tokens = model.tokens();
      const members = ops.input("members", ["responses", "scored"]);
      const { loss, metrics } = rankedLoss(
        { logp: total(members, tokens.logp), length: ops.sum(members, { axes: [1] }), ...ranking.inputs() },
        spec,
      );
      const all = ops.expandLike(ops.constant(1), tokens.logp);
      return { loss, metrics: { ...metrics, entropy: over(all, tokens.entropy) } };
    },
    feeds: (indices, { places, scored }) => ({
      members: membership(
        places.map(({ response }) => response),
        scored,
      ),
      ...ranking.feeds(indices),
    }),
    weight: () => 1,
  };
}

/** Rewards of several ranked answers to a prompt. */
export function rankedRewardObjective(rows: readonly RankedRow[], spec: RewardSpec): Objective {
  const ranking = rankingOf(rows);
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, responses }) =>
        sharing(responses.map((response) => [...prompt_ids, ...response])),
      ),
    ),
    needsReference: false,
    outcome: (model) => rankedRewardLoss({ reward: model.rewards("responses"), ...ranking.inputs() }, spec),
    feeds: (indices, { places }) => ({
      pooled: pooled(
        places,
        indices.flatMap((index) => rows[index].ends),
      ),
      ...ranking.feeds(indices),
    }),
    weight: () => 1,
  };
}

/** Scores of ranked responses, which of them answer the same prompt, and the factors of their rows' losses. */
function rankingOf(rows: readonly RankedRow[]) {
  const weighted = rows[0].weight !== undefined;
  return {
    inputs: () => ({
      score: ops.input("score", ["responses"]),
      same: ops.input("same", ["responses", "responses"]),
      ...(weighted && { weight: ops.input("weight", ["responses"]) }),
    }),
    feeds(indices: readonly number[]): Record<string, TensorData> {
      const scores = indices.map((index) => rows[index].scores);
      const group = scores.flatMap((row, index) => row.map(() => index));
      const same = Float32Array.from(
        group.flatMap((mine) => group.map((theirs) => (mine === theirs ? 1 : 0))),
      );
      return {
        score: numbers(scores.flat()),
        same: { data: same, dims: [group.length, group.length] },
        ...(weighted && { weight: numbers(group.map((row) => rows[indices[row]].weight ?? 1)) }),
      };
    },
  };
}
