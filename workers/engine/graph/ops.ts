/**
 * The operators as functions: each makes one value (or a few) and works out its shape. Numbers stand for float32
 * scalars. Axes may be negative, as in ONNX.
 */
import {
  type Attributes,
  broadcast,
  type Dim,
  type DType,
  is,
  type Op,
  type Shape,
  size,
  type Value,
} from "./graph";

export type Operand = Value | number;

function make<K extends Op>(
  op: K,
  inputs: readonly Value[],
  attributes: Attributes[K],
  shape: Shape,
  dtype: DType = inputs[0]?.dtype ?? "float32",
): Value<K> {
  return { op, inputs, attributes, shape, dtype };
}

// Leaves

/** A tensor fed on every run. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Value {
  return make("Input", [], { name }, shape, dtype);
}

/** A tensor that stays in its file. `offset` and `length` are bytes. */
export function initializer(
  name: string,
  place: { file: string; offset: number; length: number },
  shape: Shape,
  dtype: DType,
): Value {
  return make("Initializer", [], { name, ...place }, shape, dtype);
}

/** Float32 numbers written into the graph; a bare number is a scalar. */
export function constant(
  numbers: number | readonly number[] | Float32Array,
  shape: readonly number[] = typeof numbers === "number" ? [] : [numbers.length],
): Value {
  const data = typeof numbers === "number" ? Float32Array.of(numbers) : Float32Array.from(numbers);
  return make("Constant", [], { data }, shape, "float32");
}

/** Int64 numbers written into the graph, one axis. */
export function integers(...numbers: readonly number[]): Value {
  return make("Constant", [], { data: BigInt64Array.from(numbers, BigInt) }, [numbers.length], "int64");
}

/** Int32 numbers written into the graph, one axis. */
export function words(numbers: readonly number[]): Value {
  return make("Constant", [], { data: Int32Array.from(numbers) }, [numbers.length], "int32");
}

const value = (operand: Operand): Value => (typeof operand === "number" ? constant(operand) : operand);

// Element by element

type Binary = "Add" | "Sub" | "Mul" | "Div" | "Max" | "Min" | "BitwiseXor";
const binary = (op: Binary) => (left: Operand, right: Operand) => {
  const [a, b] = [value(left), value(right)];
  return make(op, [a, b], {}, broadcast(a.shape, b.shape));
};
export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");
export const maximum = binary("Max");
export const minimum = binary("Min");
export const bitwiseXor = binary("BitwiseXor");

type Unary =
  | "Neg"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Reciprocal"
  | "Sigmoid"
  | "Softplus"
  | "Tanh"
  | "Erf"
  | "Cos"
  | "Sin"
  | "Identity";
const unary = (op: Unary) => (x: Value) => make(op, [x], {}, x.shape);
export const neg = unary("Neg");
export const exp = unary("Exp");
export const log = unary("Log");
export const sqrt = unary("Sqrt");
export const reciprocal = unary("Reciprocal");
export const sigmoid = unary("Sigmoid");
/** log(1 + eˣ), without overflow. */
export const softplus = unary("Softplus");
export const tanh = unary("Tanh");
export const erf = unary("Erf");
export const cos = unary("Cos");
export const sin = unary("Sin");
/** The same numbers; no gradient flows through. */
export const stopGradient = unary("Identity");

export const relu = (x: Value) => maximum(x, 0);
export const square = (x: Value) => mul(x, x);
/** log σ(x) = −softplus(−x). */
export const logSigmoid = (x: Value) => neg(softplus(neg(x)));

type Comparison = "Equal" | "Less" | "LessOrEqual" | "GreaterOrEqual" | "And" | "Or";
const comparison = (op: Comparison) => (left: Operand, right: Operand) => {
  const [a, b] = [value(left), value(right)];
  return make(op, [a, b], {}, broadcast(a.shape, b.shape), "bool");
};
export const equal = comparison("Equal");
export const less = comparison("Less");
export const lessOrEqual = comparison("LessOrEqual");
export const greaterOrEqual = comparison("GreaterOrEqual");
export const and = comparison("And");
export const or = comparison("Or");

/** `yes` where `condition` (bool) holds, else `no`. */
export function where(condition: Value, yes: Operand, no: Operand): Value {
  const [a, b] = [value(yes), value(no)];
  return make("Where", [condition, a, b], {}, broadcast(condition.shape, a.shape, b.shape), a.dtype);
}

export const cast = (x: Value, to: DType) => (x.dtype === to ? x : make("Cast", [x], { to }, x.shape, to));
export const shiftRight = (x: Value, bits: Value) =>
  make("BitShift", [x, bits], { direction: "RIGHT" }, broadcast(x.shape, bits.shape));

// Sums and products

type Axes = { axes?: readonly number[]; keep?: boolean };
function reduce(op: "ReduceSum" | "ReduceMax", x: Value, { axes, keep = false }: Axes): Value {
  const over = positive(x, axes);
  const shape = x.shape.map((dim, axis) => (over.includes(axis) ? 1 : dim));
  const kept = make(op, [x, integers(...over)], {}, shape);
  return keep ? kept : squeeze(kept, ...over);
}
const positive = (x: Value, axes: readonly number[] = x.shape.map((_, axis) => axis)) =>
  axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));

/**
 * Sum over `axes` (default: all, giving a scalar). onnxruntime's ReduceSum adds up rows one after the other in one
 * float32 (1.30: 6e-4 off over a million rows, and a count of ones ends at 2^24), but numbers that lie side by side in
 * blocks: the first axis goes last, and rows are added by a product with ones, which is twice as fast besides.
 */
export function sum(x: Value, { axes, keep = false }: Axes = {}): Value {
  const over = positive(x, axes).toSorted((a, b) => a - b);
  const inner = over.filter((axis) => axis !== 0);
  const narrowed = inner.length === 0 ? x : reduce("ReduceSum", x, { axes: inner });
  if (!over.includes(0)) return keep ? reduce("ReduceSum", x, { axes: over, keep }) : narrowed;
  const summed =
    narrowed.shape.length === 2 ? sumOfRows(narrowed) : reduce("ReduceSum", narrowed, { axes: [0] });
  return keep ? over.reduce(unsqueeze, summed) : summed;
}
/** [rows, columns] → [columns]. */
function sumOfRows(x: Value): Value {
  const ones = make("Expand", [constant([1], [1, 1]), sizeOf(x, 0)], {}, [1, size(x, 0)]);
  const rule = (g: Value) => [expandLike(g, x)];
  return { ...squeeze(matmul(ones, x), 0), backward: { of: [x], rule } };
}
/** Largest over `axes`; a NaN may be passed over. No gradient flows through. */
export const max = (x: Value, axes: Axes = {}) => reduce("ReduceMax", x, axes);
/** Mean over `axes` (default: all, giving a scalar). */
export function mean(x: Value, axes: Axes = {}): Value {
  const sizes = positive(x, axes.axes).map((axis) => cast(squeeze(sizeOf(x, axis), 0), "float32"));
  return div(sum(x, axes), sizes.reduce(mul, constant(1)));
}
export const softmax = (x: Value) => make("Softmax", [x], { axis: -1 }, x.shape);
export const logSoftmax = (x: Value) => make("LogSoftmax", [x], { axis: -1 }, x.shape);

/** Matrix product over the last two axes, the others broadcast. */
export function matmul(a: Value, b: Value): Value {
  if (size(a, -1) !== size(b, -2))
    throw new Error(`matmul of [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return make("MatMul", [a, b], {}, [...batch, size(a, -2), size(b, -1)]);
}

interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
  /** Added to the product: a matrix of its shape, or a vector for every row. */
  readonly plus?: Value;
}
/** alpha · op(a) · op(b) + plus for matrices. */
export function gemm(
  a: Value,
  b: Value,
  { transA = false, transB = false, alpha = 1, plus }: GemmOptions = {},
): Value {
  const [rows, inner] = transA ? [size(a, 1), size(a, 0)] : [size(a, 0), size(a, 1)];
  const [same, columns] = transB ? [size(b, 1), size(b, 0)] : [size(b, 0), size(b, 1)];
  if (inner !== same) throw new Error(`gemm of [${a.shape.join(", ")}] and [${b.shape.join(", ")}]`);
  const operands = plus ? [a, b, plus] : [a, b];
  return make("Gemm", operands, { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha }, [rows, columns]);
}

// Form

/**
 * The sizes of axes `start` to `end` as int64, known at run time. An element-wise result is asked for through its
 * operand of the same shape, so that asking keeps no intermediate result in memory.
 */
export function shapeOf(x: Value, start = 0, end = x.shape.length): Value {
  let origin = x;
  for (
    let same: Value | undefined = x;
    same;
    same = ELEMENTWISE.has(origin.op) ? origin.inputs.find(shapedLike(x)) : undefined
  ) {
    origin = same;
  }
  return shapeNow(origin, start, end);
}
const shapeNow = (x: Value, start: number, end: number) =>
  make("Shape", [x], { start, end }, [end - start], "int64");
const shapedLike = (x: Value) => (y: Value) =>
  y.shape.length === x.shape.length && y.shape.every((dim, axis) => dim === x.shape[axis]);
const ELEMENTWISE: ReadonlySet<Op> = new Set<Op>([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Max",
  "Min",
  "Neg",
  "Exp",
  "Log",
  "Sqrt",
  "Reciprocal",
  "Sigmoid",
  "Softplus",
  "Tanh",
  "Erf",
  "Cos",
  "Sin",
  "Softmax",
  "LogSoftmax",
  "Where",
  "Identity",
]);

/**
 * `x` itself, but not before `event` has been computed: onnxruntime would otherwise compute what depends on `x` as
 * soon as it can. Costs nothing: a Reshape to its own shape, whose zeros ("as it is") are made from the event's.
 */
export function afterwards(x: Value, event: Value): Value {
  const ranks = asItIs.get(event) ?? new Map<number, Value>();
  asItIs.set(event, ranks);
  const rank = x.shape.length;
  const sizes = ranks.get(rank) ?? zerosFrom(event, rank);
  ranks.set(rank, sizes);
  return reshapeTo(x, sizes, x.shape);
}
/** The zeros of an event by rank, so that all that waits for it shares them. */
const asItIs = new WeakMap<Value, Map<number, Value>>();
function zerosFrom(event: Value, rank: number): Value {
  const zero = mul(shapeNow(event, 0, 1), integers(0));
  return concat(
    Array.from({ length: rank }, () => zero),
    0,
  );
}

/** One size as an int64 vector of length 1. */
export const sizeOf = (x: Value, axis: number) => shapeOf(x, axis, axis + 1);

/** Reshape to `shape`; at most one of its sizes may be known only by name. */
export function reshape(x: Value, shape: Shape): Value {
  const named = shape.filter((dim) => typeof dim === "string");
  if (named.length > 1) throw new Error(`reshape to [${shape.join(", ")}] has more than one run-time size`);
  // 0 copies the size of the same axis and, unlike -1, also stands when the tensor is empty.
  const sizes = shape.map((dim, axis) => (typeof dim === "number" ? dim : x.shape[axis] === dim ? 0 : -1));
  return reshapeTo(x, integers(...sizes), shape);
}
/** Reshape to the int64 vector `sizes`, which will hold `shape`. */
export const reshapeTo = (x: Value, sizes: Value, shape: Shape) => make("Reshape", [x, sizes], {}, shape);

export const transpose = (x: Value, perm: readonly number[]) =>
  make(
    "Transpose",
    [x],
    { perm },
    perm.map((axis) => size(x, axis)),
  );
export const unsqueeze = (x: Value, axis: number) =>
  make("Unsqueeze", [x, integers(axis)], {}, x.shape.toSpliced(axis, 0, 1));
export const squeeze = (x: Value, ...axes: readonly number[]) =>
  make(
    "Squeeze",
    [x, integers(...axes)],
    {},
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
/** Broadcast to the shape of `like`. */
export const expandLike = (x: Value, like: Value) =>
  make("Expand", [x, shapeOf(like)], {}, broadcast(x.shape, like.shape));
export const zerosLike = (x: Value) => expandLike(constant(0), x);

/** Join along `axis`; `dim` names the result's size when the parts' sizes are not numbers. */
export function concat(parts: readonly Value[], axis: number, dim?: Dim): Value {
  const [first] = parts;
  if (!first) throw new Error("nothing to concatenate");
  const [at = 0] = positive(first, [axis]);
  const total =
    dim ??
    parts
      .map((part) => size(part, at))
      .reduce((a, b) => (typeof a === "number" && typeof b === "number" ? a + b : `${a}+${b}`));
  return make("Concat", parts, { axis: at }, first.shape.toSpliced(at, 1, total));
}

/** Elements `start` to `end` (numbers or int64 vectors of length 1, not negative) of `axis`; `dim` is the result's size. */
export function slice(x: Value, axis: number, start: Operand, end: Operand, dim?: Dim): Value {
  const [at = 0] = positive(x, [axis]);
  const length = dim ?? (typeof start === "number" && typeof end === "number" ? end - start : undefined);
  if (length === undefined) throw new Error("a slice with run-time bounds needs a name for its size");
  const bound = (at: Operand) => (typeof at === "number" ? integers(at) : at);
  return make(
    "Slice",
    [x, bound(start), bound(end), integers(at)],
    { axis: at },
    x.shape.toSpliced(at, 1, length),
  );
}

/** Zeros before and after along `axis`: `pads` is an int64 vector [before, after]. */
export const pad = (x: Value, axis: number, pads: Value, dim: Dim) =>
  make("Pad", [x, pads, constant(0), integers(axis)], { axis }, x.shape.toSpliced(axis, 1, dim));

/** Rows of `x` picked by `indices` (int64, any shape). What was widened from 16 bits is picked first. */
export function gather(x: Value, indices: Value): Value {
  if (is(x, "Cast")) return cast(gather(x.inputs[0], indices), x.attributes.to);
  return make("Gather", [x, indices], {}, [...indices.shape, ...x.shape.slice(1)]);
}
/** out[…, i, …] = x[…, indices[…, i, …], …] along `axis`. */
export const gatherElements = (x: Value, indices: Value, axis: number) =>
  make("GatherElements", [x, indices], { axis }, indices.shape);
/** Adds `updates` into `x` at `indices` along `axis`; equal indices add up, in a fixed order. */
export const scatterAdd = (x: Value, indices: Value, updates: Value, axis: number) =>
  make("ScatterElements", [x, indices, updates], { axis, reduction: "add" }, x.shape);

/** A vector in ascending order. */
export const sort = (x: Value) =>
  gather(x, make("TopK", [x, sizeOf(x, 0)], { axis: 0, largest: 0 }, x.shape, "int64"));
