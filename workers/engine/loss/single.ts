import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { KtoSpec } from "../spec/spec";
import { averageWhere, type Metric, meanLoss, type Outcome, once } from "./outcome";

const { add, sub, mul, neg, sigmoid } = ops;

/** The log-probabilities of the label tokens of a micro-batch, [R]. */
export interface Tokens {
  logp: Value;
  /** What each token's loss is multiplied by, where rows have weights. */
  weight?: Value;
}

/** Negative log-likelihood, summed: the step divides by the label tokens of all its micro-batches. */
export function sftLoss({ logp, weight }: Tokens): Outcome {
  return { loss: neg(ops.sum(weight === undefined ? logp : mul(logp, weight))), metrics: {} };
}

/** B answers that were called good or bad; every vector is [B]. */
export interface Unpaired {
  /** Σ log π over the completion's tokens, and the same under the frozen reference. */
  logp: Value;
  reference: Value;
  /** Completion tokens. */
  length: Value;
  /** 1 for good answers, 0 for bad ones. */
  desirable: Value;
  /** The sums for answers to other prompts, detached, which estimate the divergence. */
  kl: { logp: Value; reference: Value } | undefined;
  /** What each answer's loss is multiplied by, where rows have weights. */
  weight?: Value;
}

/**
 * KTO, Ethayarajh et al. 2024 (2402.01306) eq. 8: w_d(1 − σ(β(ρ − z))) for good answers and w_u(1 − σ(β(z − ρ)))
 * for bad ones, z = max(0, mean ρ of mismatched pairs) without gradient. apo_zero_unpaired is the same with z = 0
 * (2408.06266 eq. 7).
 */
export function ktoLoss({ logp, reference, desirable, kl, weight }: Unpaired, spec: KtoSpec): Outcome {
  const rho = sub(logp, reference);
  const undesirable = sub(1, desirable);
  const z = kl === undefined ? ops.constant(0) : divergence(kl);
  const distance = mul(sub(rho, z), spec.beta);
  const good = mul(mul(desirable, spec.desirable_weight), sub(1, sigmoid(distance)));
  const bad = mul(mul(undesirable, spec.undesirable_weight), sub(1, sigmoid(neg(distance))));
  const reward = mul(rho, spec.beta);
  const [chosen, rejected] = [averageWhere(desirable, reward), averageWhere(undesirable, reward)];
  return {
    loss: meanLoss(add(good, bad), weight),
    metrics: {
      kl: once(z),
      "rewards/chosen": chosen,
      "rewards/rejected": rejected,
      "rewards/margins": margins(chosen, rejected),
      "logps/chosen": averageWhere(desirable, logp),
      "logps/rejected": averageWhere(undesirable, logp),
    },
  };
}

const divergence = ({ logp, reference }: { logp: Value; reference: Value }) =>
  ops.stopGradient(ops.relu(ops.mean(sub(logp, reference))));

/** The distance of the two means, in micro-batches that hold both good and bad answers. */
function margins(chosen: Metric, rejected: Metric): Metric {
  const count = ops.minimum(mul(chosen.count, rejected.count), 1);
  const mean = ({ sum, count }: Metric) => ops.div(sum, ops.maximum(count, 1));
  return { sum: mul(sub(mean(chosen), mean(rejected)), count), count, ofBatch: true };
}
