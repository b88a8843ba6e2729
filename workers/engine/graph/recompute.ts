/**
 * Trades time for memory: what the backward pass would read from the forward pass is computed again when it is
 * needed, from the little that is kept (Chen et al., arXiv 1604.06174).
 */
import { is, topological, type Value } from "./graph";
import * as ops from "./ops";

/** One layer, as its backward pass sees it. */
export interface Section {
  /** The layer's input; always kept. */
  readonly start: Value;
  /** The gradient that reaches the layer's output, with which its backward pass begins. */
  readonly arrival: Value;
}

/**
 * Rewrites `gradients` so that they read, of what a section computes from its start, only `kept` values and what
 * is recomputed from these. Weights widened from 16 bits are widened again.
 * @param sections in the order of the forward pass; `end` is the output of the last one.
 */
export function recompute(
  gradients: readonly Value[],
  sections: readonly Section[],
  end: Value,
  kept: ReadonlySet<Value>,
): Value[] {
  // Section after section as the backward pass meets them: an arrival is rewritten before what waits for it.
  const order = topological([...sections.map(({ arrival }) => arrival).reverse(), ...gradients]);
  const starts = new Map<Value, number>(
    [...sections.map(({ start }) => start), end].map((value, i) => [value, i]),
  );
  const arrivals = new Map<Value, number>(sections.map(({ arrival }, i) => [arrival, i]));
  const forward = new Set(topological([end]));
  const owner = sectionsOf(order, { forward, starts, arrivals, kept });

  const rewritten = new Map<Value, Value>();
  const recalled = sections.map(() => new Map<Value, Value>());
  /** A value of the forward pass as section `index` reads it. */
  const recall = (value: Value, index: number): Value => {
    const memory = recalled[index];
    const known = memory.get(value);
    if (known) return known;
    const made = remake(value, index);
    memory.set(value, made);
    return made;
  };
  const remake = (value: Value, index: number): Value => {
    const { start, arrival } = sections[index];
    const narrow = is(value, "Initializer") && value.dtype !== "float32";
    if (value === start || kept.has(value) || narrow) {
      const event = rewritten.get(arrival);
      // To wait for the arrival as it was before would compute every gradient twice.
      if (!event) throw new Error(`${value.op} of section ${index} is read before its gradient arrives`);
      return ops.afterwards(value, event);
    }
    if (owner.get(value) !== index && !is(value, "Cast")) return value; // masks, angles, parameters: shared by all layers
    return { ...value, inputs: value.inputs.map((input) => recall(input, index)) };
  };

  for (const value of order) {
    if (forward.has(value)) continue;
    const index = owner.get(value);
    const read = (input: Value) => {
      if (!forward.has(input)) return rewritten.get(input) ?? input;
      return index === undefined || index >= sections.length ? input : recall(input, index);
    };
    const inputs = value.inputs.map(read);
    const changed = inputs.some((input, i) => input !== value.inputs[i]);
    rewritten.set(value, changed ? { ...value, inputs } : value);
  }
  return gradients.map((gradient) => rewritten.get(gradient) ?? gradient);
}

/**
 * The section each value belongs to. Forward, a value belongs to the latest start it depends on; backward, to the
 * earliest section whose values or gradients it reads. Asking the shape of what is kept anyway reads nothing: the
 * whole residual stream has the shape of the first start.
 */
function sectionsOf(
  order: readonly Value[],
  {
    forward,
    starts,
    arrivals,
    kept,
  }: {
    readonly forward: ReadonlySet<Value>;
    readonly starts: ReadonlyMap<Value, number>;
    readonly arrivals: ReadonlyMap<Value, number>;
    readonly kept: ReadonlySet<Value>;
  },
): ReadonlyMap<Value, number> {
  const owner = new Map<Value, number>();
  const isKept = (value: Value) => starts.has(value) || kept.has(value);
  for (const value of order) {
    if (is(value, "Shape") && !forward.has(value) && value.inputs.every(isKept)) continue;
    const own = forward.has(value) ? starts.get(value) : arrivals.get(value);
    const read = value.inputs.map((input) => owner.get(input)).filter((index) => index !== undefined);
    const index =
      own ?? (read.length === 0 ? undefined : forward.has(value) ? Math.max(...read) : Math.min(...read));
    if (index !== undefined) owner.set(value, index);
  }
  return owner;
}
