import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { RewardSpec } from "../spec/spec";
import { average, averageWhere, exceeds, type Metric, meanLoss, type Outcome, once } from "./outcome";
import { better, lessOrEqualScore, outside, pairwise, type Ranking, rowsOf, weighedSum } from "./ranked";

const { add, sub, mul, log, exp, neg, square } = ops;

/** Scores of B pairs by the reward head, and the margin that each pair asks for; all [B]. */
export interface Rewards {
  chosen: Value;
  rejected: Value;
  margin: Value;
  /** What each pair's loss is multiplied by, where rows have weights. */
  weight?: Value;
}

/**
 * Bradley–Terry with margin (Llama 2, 2307.09288 eq. 2), −logσ(r⁺ − r⁻ − m), and centering
 * c·(r⁺ + r⁻)² (Eisenstein et al. 2023, 2312.09244 eq. 2).
 */
export function rewardLoss({ chosen, rejected, margin, weight }: Rewards, spec: RewardSpec): Outcome {
  const difference = sub(chosen, rejected);
  const ranking = meanLoss(neg(ops.logSigmoid(sub(difference, margin))), weight);
  const center = spec.center_rewards_coefficient ?? 0;
  return {
    loss: center === 0 ? ranking : add(ranking, mul(meanLoss(square(add(chosen, rejected)), weight), center)),
    metrics: {
      ...spread(ops.concat([chosen, rejected], 0)),
      accuracy: average(exceeds(chosen, rejected)),
      margin: average(difference),
    },
  };
}

/** Scores of S answers to the prompts of a micro-batch. */
export interface RankedRewards extends Ranking {
  reward: Value;
}

/**
 * Plackett–Luce: the probability of drawing the answers from best to worst, −Σ_k log(e^{r_k} / Σ_{i not better
 * than k} e^{r_i}) a row (InstructGPT's k-wise comparisons as one likelihood; Zhu et al. 2023, 2301.11270).
 * Tied answers stay in each other's denominator (Breslow). For two answers this is Bradley–Terry.
 */
export function rankedRewardLoss({ reward, ...ranking }: RankedRewards, spec: RewardSpec): Outcome {
  const remaining = lessOrEqualScore(ranking);
  const left = ops.where(
    ops.less(0.5, remaining),
    pairwise(reward, (_, other) => other),
    outside,
  );
  const shift = ops.max(left, { axes: [1], keep: true });
  const spreadOut = ops.sum(exp(sub(left, shift)), { axes: [1] });
  const perAnswer = sub(add(log(spreadOut), ops.squeeze(shift, 1)), reward);
  const loss = ops.div(weighedSum(ranking, perAnswer), rowsOf(ranking));
  const pairs = better(ranking);
  const difference = pairwise(reward, sub);
  const center = spec.center_rewards_coefficient ?? 0;
  const sums = ops.sum(mul(pairs, square(pairwise(reward, add))), { axes: [1] });
  const centering = ops.div(weighedSum(ranking, sums), ops.maximum(ops.sum(pairs), 1));
  return {
    loss: center === 0 ? loss : add(loss, mul(centering, center)),
    metrics: {
      ...spread(reward),
      accuracy: averageWhere(pairs, exceeds(difference, ops.constant(0))),
      margin: averageWhere(pairs, difference),
    },
  };
}

const spread = (rewards: Value): Record<string, Metric> => ({
  min_reward: once(neg(largest(neg(rewards)))),
  mean_reward: average(rewards),
  max_reward: once(largest(rewards)),
});

/** onnxruntime's ReduceMax passes over a NaN that does not come first; a sum keeps it. */
function largest(rewards: Value): Value {
  const total = ops.sum(rewards);
  return ops.where(ops.equal(total, total), ops.max(rewards), total);
}
