/** How much memory a graph needs: a walk through it that counts what is alive. */
import { freemem, totalmem } from "node:os";
import { EngineError } from "../errors";
import { type Dim, type DType, is, topological, type Value } from "../graph/graph";
import type { Packed } from "../rows/packing";
import type { Outputs } from "./program";

const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  int32: 4,
  uint32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  bool: 1,
};
/** Results that share their input's memory. */
const ALIASES: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity"]);

/** The sizes that a packed batch gives to the names in its graph's shapes. */
export function sizesOf({ feeds, tokens, scored, places }: Packed): ReadonlyMap<string, number> {
  const numbers = (name: string) => Array.from(feeds[name].data, Number);
  const [bounds, chunks] = ["bounds", "chunks"].map(numbers);
  const sizes = new Map([
    ["tokens", tokens],
    ["scored", scored],
    ["responses", places.length],
  ]);
  bounds.slice(1).forEach((end, row) => {
    sizes.set(`row ${row}`, end - bounds[row]);
  });
  chunks.slice(1).forEach((end, chunk) => {
    sizes.set(`chunk ${chunk}`, end - chunks[chunk]);
  });
  return sizes;
}

/**
 * What a size in a shape is, given what its names stand for; parts that were joined have the sum of their sizes. A
 * name that stands for nothing is our bug and no run is measured by a guess.
 */
export const sizeIn = (sizes: ReadonlyMap<string, number>) => {
  const part = (name: string): number => {
    const size = sizes.get(name) ?? Number(name);
    if (Number.isNaN(size)) throw new Error(`nothing says what the size "${name}" is`);
    return size;
  };
  return (dim: Dim): number => {
    if (typeof dim === "number") return dim;
    return sizes.get(dim) ?? dim.split("+").reduce((total, name) => total + part(name), 0);
  };
};

/** Peak bytes of the activations and results of one run; weights and what is fed are not counted. */
export function peakBytes(outputs: Outputs, sizes: ReadonlyMap<string, number>): number {
  const results = Object.values(outputs);
  const order = topological(results);
  const sizeOf = sizeIn(sizes);
  const readers = new Map<Value, number>();
  for (const value of order)
    for (const input of new Set(value.inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const result of results) readers.set(result, Number.POSITIVE_INFINITY);

  let alive = 0;
  let peak = 0;
  const isLeaf = (value: Value) => is(value, "Input") || is(value, "Constant") || is(value, "Initializer");
  const bytesOf = (value: Value) =>
    value.shape.reduce<number>((product, dim) => product * sizeOf(dim), BYTES[value.dtype]);
  /** An alias lives in its source's memory: it adds nothing and its readers keep the source alive. */
  const owner = new Map<Value, Value>();
  const ownerOf = (value: Value) => owner.get(value) ?? value;
  for (const value of order) {
    if (isLeaf(value)) continue;
    if (ALIASES.has(value.op)) {
      const source = ownerOf(value.inputs[0]);
      owner.set(value, source);
      readers.set(source, (readers.get(source) ?? 0) + (readers.get(value) ?? 0));
    } else {
      alive += bytesOf(value);
      peak = Math.max(peak, alive);
    }
    for (const input of new Set(value.inputs)) {
      const held = ownerOf(input);
      const left = (readers.get(held) ?? 0) - 1;
      readers.set(held, left);
      if (left === 0 && !isLeaf(held)) alive -= bytesOf(held);
    }
  }
  return peak;
}

/** Bytes a run may use: what the spec says, else nine tenths of what this machine, or its container, has free. */
export function memoryBudget(gibibytes: number | null): number {
  if (gibibytes !== null) return gibibytes * 2 ** 30;
  const limit = process.constrainedMemory();
  const free = limit > 0 && limit < totalmem() ? limit - process.memoryUsage.rss() : freemem();
  return 0.9 * free;
}

export const inGibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** @throws EngineError when a run does not fit. */
export function refuseTooLarge(needed: number, budget: number): void {
  if (needed <= budget) return;
  throw new EngineError(
    `This run needs about ${inGibibytes(needed)} of memory and may use ${inGibibytes(budget)}: lower per_device_train_batch_size or max_length, train an adapter (peft) instead of every weight, or raise memory_budget_gb.`,
  );
}
