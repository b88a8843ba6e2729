import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";

/**
 * A number to log: sum/count of each micro-batch, left out where nothing was counted; both scalars. As in TRL, the
 * logged value weighs every micro-batch equally. Σsum/Σcount over micro-batches is the mean over what was counted,
 * rows or tokens, unless the number is the micro-batch's own, as its largest reward is.
 */
export interface Metric {
  sum: Value;
  count: Value;
  ofBatch?: true;
}

/** What a loss gives for a micro-batch: its mean (SFT: its sum) and metrics under TRL's names. */
export interface Outcome {
  loss: Value;
  metrics: Record<string, Metric>;
}

const one = ops.constant(1);

/** The mean over the micro-batch of [B] losses, each multiplied by its row's factor where rows have weights. */
export const meanLoss = (losses: Value, weight: Value | undefined): Value =>
  ops.mean(weight === undefined ? losses : ops.mul(losses, weight));

/** A metric of the whole micro-batch. */
export const once = (scalar: Value): Metric => ({
  sum: ops.stopGradient(scalar),
  count: one,
  ofBatch: true,
});

/** The mean of [B] values over the micro-batch. */
export const average = (values: Value): Metric => averageWhere(ops.expandLike(one, values), values);

/** The mean of values where `mask` is 1; not counted at all where the mask is empty. */
export const averageWhere = (mask: Value, values: Value): Metric => ({
  sum: ops.stopGradient(ops.sum(ops.mul(mask, values))),
  count: ops.stopGradient(ops.sum(mask)),
});

/** 1 where a > b, 0 elsewhere and at ties. */
export const exceeds = (a: Value, b: Value) => ops.where(ops.less(b, a), 1, 0);
