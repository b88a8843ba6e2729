/** Which rows a step sees. Everything follows from the step's number and the seed, so resuming needs no state. */
import { seeded } from "../random";
import type { RunSpec } from "../spec/spec";

type PlanSpec = Pick<
  RunSpec,
  | "per_device_train_batch_size"
  | "gradient_accumulation_steps"
  | "num_train_epochs"
  | "max_steps"
  | "shuffle"
  | "seed"
>;

export interface Plan {
  /** Optimizer steps of the whole run. */
  readonly steps: number;
  /** The micro-batches of step `step` (from 0), as row indices. */
  readonly group: (step: number) => readonly (readonly number[])[];
  /** Epochs passed once step `step` is done. */
  readonly epochAfter: (step: number) => number;
}

/** Cuts `rows` rows into micro-batches and these into steps, epoch by epoch, as transformers' Trainer does. */
export function planOf(rows: number, spec: PlanSpec): Plan {
  const { per_device_train_batch_size: size, gradient_accumulation_steps: accumulation } = spec;
  const batches = Math.ceil(rows / size);
  const stepsInEpoch = Math.ceil(batches / accumulation);
  const steps = spec.max_steps > 0 ? spec.max_steps : Math.ceil(spec.num_train_epochs * stepsInEpoch);
  let drawn = { epoch: -1, order: [] as readonly number[] };
  const orderOf = (epoch: number) => {
    if (drawn.epoch !== epoch) drawn = { epoch, order: orderOfEpoch(rows, epoch, spec) };
    return drawn.order;
  };
  return {
    steps,
    group(step) {
      const order = orderOf(Math.floor(step / stepsInEpoch));
      const first = (step % stepsInEpoch) * accumulation;
      return inBatches(order, size).slice(first, first + accumulation);
    },
    epochAfter(step) {
      const done = Math.min(((step % stepsInEpoch) + 1) * accumulation, batches);
      return Math.floor(step / stepsInEpoch) + done / batches;
    },
  };
}

/** Consecutive pieces of `size`, the last one perhaps shorter. */
export function inBatches<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

function orderOfEpoch(rows: number, epoch: number, { shuffle, seed }: PlanSpec): readonly number[] {
  const order = Array.from({ length: rows }, (_, row) => row);
  return shuffle ? seeded(seed, "order", epoch).shuffle(order) : order;
}
