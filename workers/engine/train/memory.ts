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
/** Results that may take the place of an input that nobody else reads. */
const IN_PLACE: ReadonlySet<string> = new Set(
  "Add Sub Mul Div Neg Exp Log Sqrt Reciprocal Sigmoid Tanh Softplus".split(" "),
);
/** Results that share their input's memory. */
const ALIASES: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity"]);

/** The sizes that a packed batch gives to the names in its graph's shapes. */
export function sizesOf({ feeds, tokens, scored, places }: Packed): ReadonlyMap<string, number> {
  const [chunks, chunk] = feeds.sources.dims;
  const sizes = new Map([
    ["tokens", tokens],
    ["scored", scored],
    ["responses", places.length],
    ["chunk", chunk],
    ["chunks", chunks * chunk],
  ]);
  const bounds = Array.from(feeds.bounds.data, Number);
  bounds.slice(1).forEach((end, row) => {
    sizes.set(`row ${row}`, end - bounds[row]);
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

const isLeaf = (value: Value) => is(value, "Input") || is(value, "Constant") || is(value, "Initializer");

/**
 * The order in which onnxruntime computes the nodes of a graph as onnx.ts writes it: back from the last output, and at
 * each node from the input that was written last (GraphViewer's ReverseDFSFrom, onnxruntime 1.30).
 */
function executionOrder(outputs: readonly Value[]): Value[] {
  const written = topological(outputs).filter((value) => !isLeaf(value));
  const place = new Map(written.map((value, index) => [value, index]));
  const placeOf = (value: Value) => place.get(value) ?? -1;
  const stack = outputs.map((value) => ({ value, done: false }));
  const seen = new Set<Value>();
  const order: Value[] = [];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.done) order.push(top.value);
    else if (!seen.has(top.value)) {
      seen.add(top.value);
      stack.push({ value: top.value, done: true });
      const inputs = top.value.inputs.filter((input) => place.has(input) && !seen.has(input));
      for (const value of inputs.sort((a, b) => placeOf(a) - placeOf(b))) stack.push({ value, done: false });
    }
  }
  return order;
}

/** Memory that one value after another uses: taken from the first until the last one's last reader is through. */
interface Buffer {
  readonly bytes: number;
  readonly from: number;
  to: number;
}

/**
 * Peak bytes of the activations and results of one run; weights and what is fed are not counted. Follows
 * onnxruntime's planner (AllocationPlanner, 1.30), which gives a buffer that is free to the next value whose shape is
 * written the same way, however much later that is made, and never lets go of it in between.
 */
export function peakBytes(outputs: Outputs, sizes: ReadonlyMap<string, number>): number {
  const results = Object.values(outputs);
  const order = executionOrder(results);
  const sizeOf = sizeIn(sizes);
  const readers = new Map<Value, number>();
  const buffers: Buffer[] = [];
  const bufferOf = new Map<Value, Buffer>();
  const free = new Map<string, Buffer[]>();
  const keyOf = ({ dtype, shape }: Value) => `${BYTES[dtype]} ${shape.join(" ")}`;
  const bytesOf = ({ dtype, shape }: Value) =>
    shape.reduce<number>((product, dim) => product * sizeOf(dim), BYTES[dtype]);
  /** An alias lives in its source's memory, and its readers keep the source alive. */
  const owner = new Map<Value, Value>();
  const ownerOf = (value: Value) => owner.get(value) ?? value;
  for (const value of order) {
    if (ALIASES.has(value.op)) owner.set(value, ownerOf(value.inputs[0]));
    for (const input of new Set(value.inputs.map(ownerOf))) readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  for (const result of results.map(ownerOf)) readers.set(result, Number.POSITIVE_INFINITY);

  const readOnce = (value: Value) => readers.get(value) === 1 && bufferOf.has(value);
  order.forEach((value, now) => {
    const read = [...new Set(value.inputs.map(ownerOf))];
    let overwritten: Value | undefined;
    if (!owner.has(value)) {
      const key = keyOf(value);
      if (IN_PLACE.has(value.op)) overwritten = read.find((input) => keyOf(input) === key && readOnce(input));
      const known = overwritten ? bufferOf.get(overwritten) : free.get(key)?.pop();
      const buffer = known ?? { bytes: bytesOf(value), from: now, to: order.length };
      if (!known) buffers.push(buffer);
      bufferOf.set(value, buffer);
    }
    for (const input of read) {
      const left = (readers.get(input) ?? 0) - 1;
      readers.set(input, left);
      const buffer = bufferOf.get(input);
      if (left > 0 || !buffer || input === overwritten) continue;
      buffer.to = now;
      const key = keyOf(input);
      free.set(key, [...(free.get(key) ?? []), buffer]);
    }
  });
  for (const result of results.map(ownerOf)) {
    const buffer = bufferOf.get(result);
    if (buffer) buffer.to = order.length;
  }
  return peakOf(buffers, order.length);
}

function peakOf(buffers: readonly Buffer[], end: number): number {
  const changes = new Float64Array(end + 2);
  for (const { bytes, from, to } of buffers) {
    changes[from] += bytes;
    changes[to + 1] -= bytes;
  }
  let alive = 0;
  let peak = 0;
  for (const change of changes) {
    alive += change;
    peak = Math.max(peak, alive);
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
