import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { PreferenceSpec } from "../spec/spec";
import type { RankedLossName } from "./catalog";
import { average, averageWhere, exceeds, type Outcome } from "./outcome";

const { add, sub, mul, div, exp, relu } = ops;

/** S answers to the prompts of a micro-batch, in one list. */
export interface Ranking {
  /** Higher is better, [S]. */
  score: Value;
  /** 1 where two answers belong to one prompt, [S, S]. */
  same: Value;
  /** What the loss of each answer's row is multiplied by, [S], where rows have weights. */
  weight?: Value;
}

/** The answers' Σ log π over their tokens and their lengths, [S]. */
export interface Ranked extends Ranking {
  logp: Value;
  length: Value;
}

/** Stands for −∞ in sums of exponentials: its exponential is 0 and it never is the largest. */
export const outside = -1e30;

/** f(x_i, x_j) for all i (rows) and j (columns), [S, S]. */
export const pairwise = (x: Value, f: (mine: Value, other: Value) => Value) =>
  f(ops.unsqueeze(x, 1), ops.unsqueeze(x, 0));

/** 1 where answer i is strictly better than answer j of the same row, [S, S]. */
export const better = ({ score, same }: Ranking) => mul(same, pairwise(score, exceeds));

/** 1 where answer j of the same row is not better than answer i, i itself included, [S, S]. */
export const lessOrEqualScore = ({ score, same }: Ranking) =>
  mul(
    same,
    sub(
      1,
      pairwise(score, (mine, other) => exceeds(other, mine)),
    ),
  );

/** Σ of the loss's parts by answer, [S], each multiplied by its row's factor. */
export const weighedSum = ({ weight }: Ranking, parts: Value): Value =>
  ops.sum(weight === undefined ? parts : mul(parts, weight));

/** Number of rows in the micro-batch, a scalar: every answer is one part of its row. */
export const rowsOf = ({ same }: Ranking) => ops.sum(ops.reciprocal(ops.sum(same, { axes: [1] })));

/** One entry a loss of ranked answers, summed over rows. */
const rankedLosses: Record<RankedLossName, (ranked: Ranked, spec: PreferenceSpec) => Value> = { rrhf, pro };
const isRanked = (name: string): name is RankedLossName => name in rankedLosses;

/** The ranked loss of a spec of a micro-batch, averaged over them. */
export function rankedLoss(ranked: Ranked, spec: PreferenceSpec): Outcome {
  const [loss] = spec.loss_type.flatMap((name) => (isRanked(name) ? [rankedLosses[name](ranked, spec)] : []));
  if (!loss) throw new Error(`${spec.loss_type.join(", ")} reads no ranked rows`);
  const mean = div(ranked.logp, ranked.length);
  const reward = mul(mean, spec.beta);
  const pairs = better(ranked);
  return {
    loss: div(loss, rowsOf(ranked)),
    metrics: {
      "rewards/accuracies": averageWhere(pairs, exceeds(pairwise(reward, sub), ops.constant(0))),
      "rewards/margins": averageWhere(pairs, pairwise(reward, sub)),
      "logps/chosen": averageWhere(best(ranked), mean),
      "logps/all": average(mean),
    },
  };
}

/** 1 for the best answers of each row, [S]. */
function best(ranking: Ranking): Value {
  const beaten = ops.sum(
    mul(
      ranking.same,
      pairwise(ranking.score, (mine, other) => exceeds(other, mine)),
    ),
    { axes: [1] },
  );
  return exceeds(ops.constant(0.5), beaten);
}

/** Σ over rows of the mean of `values` over the row's best answers, a scalar. */
function sumOverBest(ranking: Ranking, values: Value): Value {
  const first = best(ranking);
  const peers = ops.sum(mul(ranking.same, ops.unsqueeze(first, 0)), { axes: [1] });
  return weighedSum(ranking, div(mul(first, values), peers));
}

function rrhf(ranked: Ranked, spec: PreferenceSpec): Value {
  const p = div(ranked.logp, power(ranked.length, spec.rrhf_length_penalty));
  // better[j, i]: j beats i, so p_i − p_j counts where it is positive.
  const misplaced = relu(pairwise(p, (winner, loser) => sub(loser, winner)));
  const lost = ops.sum(mul(better(ranked), misplaced), { axes: [1] });
  return sub(weighedSum(ranked, lost), sumOverBest(ranked, ranked.logp));
}

/**
 * PRO, Song et al. 2023 (2306.17492) eq. 7–9 with p the mean log-probability: for every answer k
 * −log[e^{p_k T_k} / (e^{p_k T_k} + Σ_{i worse} e^{p_i (r_k − r_i)})], T_k = max_i (r_k − r_i), plus the best
 * answer's mean negative log-likelihood times pro_sft_weight.
 */
function pro(ranked: Ranked, spec: PreferenceSpec): Value {
  const p = div(ranked.logp, ranked.length);
  const worse = better(ranked);
  const gap = mul(worse, pairwise(ranked.score, sub));
  const own = mul(p, ops.max(gap, { axes: [1] }));
  const others = ops.where(ops.less(0.5, worse), mul(ops.unsqueeze(p, 0), gap), outside);
  const shift = ops.stopGradient(ops.maximum(own, ops.max(others, { axes: [1] })));
  const rest = ops.sum(exp(sub(others, ops.unsqueeze(shift, 1))), { axes: [1] });
  const all = add(exp(sub(own, shift)), rest);
  const ranking = weighedSum(ranked, sub(add(ops.log(all), shift), own));
  return sub(ranking, mul(sumOverBest(ranked, p), spec.pro_sft_weight));
}

/** xᵃ for positive x. */
function power(x: Value, exponent: number): Value {
  if (exponent === 1) return x;
  return exp(mul(ops.log(x), exponent));
}
