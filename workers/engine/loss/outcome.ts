import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";

/** A number to log: Σsum/Σcount over the logging window, left out where nothing was counted. Both scalars. */
export interface Metric {
  sum: Value;
  count: Value;
}

/** What a loss gives for a micro-batch: its mean (SFT: its sum) and metrics under TRL's names. */
export interface Outcome {
  loss: Value;
  metrics: Record<string, Metric>;
}

const one = ops.constant(1);

/** A metric of the whole micro-batch; like TRL, the logged value weighs every micro-batch equally. */
export const once = (scalar: Value): Metric => ({ sum: ops.stopGradient(scalar), count: one });

/** The mean of [B] values over the micro-batch. */
export const average = (values: Value): Metric => once(ops.mean(values));

/** The mean of values where `mask` is 1; counted once, and not at all where the mask is empty. */
export function averageWhere(mask: Value, values: Value): Metric {
  const total = ops.sum(mask);
  const count = ops.minimum(total, 1);
  const mean = ops.div(ops.sum(ops.mul(mask, values)), ops.maximum(total, 1));
  return { sum: ops.stopGradient(ops.mul(mean, count)), count: ops.stopGradient(count) };
}

/** 1 where a > b, 0 elsewhere and at ties. */
export const exceeds = (a: Value, b: Value) => ops.where(ops.less(b, a), 1, 0);
