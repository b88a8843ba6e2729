/** Fits a run into memory: cuts the head into chunks and recomputes activations where they would not fit. */

import { count } from "../file/safetensors";
import type { Objective } from "../objective";
import { lengthOf, pack } from "../rows/packing";
import type { RunSpec } from "../spec/spec";
import { inGibibytes, memoryBudget, peakBytes, refuseTooLarge, sizesOf } from "./memory";
import { type Keep, type ProgramOptions, stepGraph } from "./program";

/** Logits of one chunk: large enough for the matrix product to run at full speed, small beside the rest. */
const CHUNK_BYTES = 64 * 2 ** 20;
/** What onnxruntime's arena takes beyond what is alive, in pieces that nothing else fits into (`npm run bench:memory`). */
const FRAGMENTS = 1.25;
/** Node and onnxruntime before the first step. */
const RUNTIME_BYTES = 290 * 2 ** 20;

export interface Fitted {
  readonly chunks: number;
  readonly keep: Keep;
  /** Estimated peak of the process. */
  readonly bytes: number;
  /** One sentence for the log. */
  readonly message: string;
}

/**
 * Chooses how the step's graph is built.
 * @throws EngineError when the run would not fit even with every layer recomputed.
 */
export function fitMemory(
  spec: RunSpec,
  options: Omit<ProgramOptions, "chunks">,
  objective: Objective,
): Fitted {
  const budget = memoryBudget(spec.memory_budget_gb);
  const batch = largestBatch(objective, spec.per_device_train_batch_size);
  const trees = batch.map((index) => objective.trees[index]);
  const scored = pack(trees).scored;
  const chunks = Math.max(1, Math.ceil((scored * options.model.config.vocab_size * 4) / CHUNK_BYTES));
  const sizes = sizesOf(pack(trees, { chunks }));

  const mapped = [...options.model.tensors].reduce(
    (total, [name, { bytes }]) => total + (options.trained.has(name) ? 0 : bytes),
    0,
  );
  const numbers = [...options.trained.values()].reduce((total, shape) => total + count(shape), 0);
  const trained = 4 * 5 * numbers; // float32: the numbers, their gradients and the step's, two running means
  const bytesWith = (keep: Keep) =>
    RUNTIME_BYTES +
    mapped +
    trained +
    FRAGMENTS * peakBytes(stepGraph({ ...options, chunks }, objective, batch.length, keep), sizes);

  const wanted: Keep = spec.gradient_checkpointing === true ? "layers" : "products";
  const first = bytesWith(wanted);
  const keep: Keep =
    wanted === "products" && first > budget && spec.gradient_checkpointing === null ? "layers" : wanted;
  const bytes = keep === wanted ? first : bytesWith(keep);
  refuseTooLarge(bytes, budget);
  const how = keep === "layers" ? "recomputing every layer" : "keeping matrix products";
  return {
    chunks,
    keep,
    bytes,
    message: `Estimated peak memory ${inGibibytes(bytes)} of ${inGibibytes(budget)}, ${how} in the backward pass.`,
  };
}

/** The rows that make the largest micro-batch. */
function largestBatch({ trees }: Objective, size: number): readonly number[] {
  const lengths = trees.map(lengthOf);
  return lengths
    .map((_, index) => index)
    .sort((a, b) => lengths[b] - lengths[a])
    .slice(0, size);
}
