/**
 * The graph: immutable values whose `op` is the ONNX operator that makes them. There is no graph object; a graph
 * is whatever its outputs reach. Operators are built in ops.ts, differentiated in gradients.ts and written as
 * ONNX in onnx.ts.
 */

/** A size known when the graph is built, or the name of one that is known when it runs ("tokens"). */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DType = "float32" | "float16" | "bfloat16" | "int64" | "int32" | "uint32" | "bool";

type None = Record<never, never>;
/** The data types a Cast may lead to. */
type To = { to: DType };
type Axis = { axis: number };

/** Every operator the engine emits, with its attributes. `Input`, `Initializer` and `Constant` are leaves. */
export interface Attributes {
  /** Fed on every run. */
  Input: { name: string };
  /** Bytes of a file, mapped and never copied. */
  Initializer: { name: string; file: string; offset: number; length: number };
  /** Numbers written into the graph. */
  Constant: { data: Float32Array | BigInt64Array | Int32Array };

  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Max: None;
  Min: None;
  Neg: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Reciprocal: None;
  Sigmoid: None;
  Softplus: None;
  Tanh: None;
  Erf: None;
  Cos: None;
  Sin: None;

  MatMul: None;
  Gemm: { transA: 0 | 1; transB: 0 | 1; alpha: number };
  ReduceSum: None;
  ReduceMax: None;
  Softmax: Axis;
  LogSoftmax: Axis;

  Reshape: None;
  Transpose: { perm: readonly number[] };
  Unsqueeze: None;
  Squeeze: None;
  Expand: None;
  Concat: Axis;
  Slice: Axis;
  Pad: Axis;
  /** Rows picked by index. */
  Gather: None;
  GatherElements: Axis;
  ScatterElements: Axis & { reduction: "add" };
  Where: None;

  /** Stops the gradient. */
  Identity: None;
  Cast: To;
  Shape: { start: number; end: number };
  /** Only the indices that sort the last axis, ascending. */
  TopK: Axis & { largest: 0 | 1 };
  Equal: None;
  Less: None;
  LessOrEqual: None;
  GreaterOrEqual: None;
  And: None;
  Or: None;
  BitwiseXor: None;
  BitShift: { direction: "LEFT" | "RIGHT" };
}

export type Op = keyof Attributes;

/**
 * One tensor of the graph. `inputs` are in the operator's own order.
 * `backward`, where present, is a hand-written derivative: it replaces the walk through the primitives between
 * `backward.of` and this value.
 */
export interface Value<K extends Op = Op> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes[K];
  readonly dtype: DType;
  readonly shape: Shape;
  readonly backward?: HandWritten;
}

export interface HandWritten {
  readonly of: readonly Value[];
  /** From the gradient of the value to the gradients of `of`; null where none flows. */
  readonly rule: (gradient: Value) => readonly (Value | null)[];
}

/** Narrows a value to one operator. */
export function is<K extends Op>(value: Value, op: K): value is Value<K> {
  return value.op === op;
}

/**
 * Everything `outputs` depend on, each value after its sources (its inputs, unless told otherwise). Iterative:
 * graphs are thousands of values deep.
 */
export function topological(
  outputs: readonly Value[],
  sources: (value: Value) => readonly Value[] = (value) => value.inputs,
): Value[] {
  const order: Value[] = [];
  const done = new Set<Value>();
  const stack: { sources: readonly Value[]; value: Value; next: number }[] = [];
  const visit = (value: Value) => {
    if (!done.has(value)) {
      done.add(value);
      stack.push({ value, sources: sources(value), next: 0 });
    }
  };
  for (const output of outputs) {
    visit(output);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const source = top.sources[top.next++];
      if (source) visit(source);
      else {
        order.push(top.value);
        stack.pop();
      }
    }
  }
  return order;
}

/** Shape of an element-wise result, by NumPy's rule. Sizes known only by name must be the same name. */
export function broadcast(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((size) => size !== 1);
    const [first = 1] = sizes;
    if (sizes.some((size) => size !== first)) {
      throw new Error(
        `shapes do not broadcast: ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")}`,
      );
    }
    return first;
  });
}

/** Size of an axis, which may be counted from the end. Throws when there is no such axis. */
export function size(value: Value, axis: number): Dim {
  const dim = value.shape.at(axis);
  if (dim === undefined)
    throw new Error(`${value.op} of shape [${value.shape.join(", ")}] has no axis ${axis}`);
  return dim;
}

/** Size of an axis that must be known when the graph is built. */
export function staticSize(value: Value, axis: number): number {
  const dim = size(value, axis);
  if (typeof dim === "string") throw new Error(`axis ${axis} of ${value.op} has the run-time size "${dim}"`);
  return dim;
}
