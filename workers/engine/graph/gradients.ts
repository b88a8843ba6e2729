/**
 * Reverse-mode differentiation: one rule for each operator and the walk over them. The table's type names every
 * operator, so an operator without a rule does not compile.
 */
import { is, type Op, size, topological, type Value } from "./graph";
import * as ops from "./ops";

/** From a value and the gradient that reaches it to the gradients of its inputs; null where none flows. */
type Rule<K extends Op> = (value: Value<K>, gradient: Value) => readonly (Value | null)[];

const constant: Rule<Op> = ({ inputs }) => inputs.map(() => null);

export const rules: { readonly [K in Op]: Rule<K> } = {
  Input: constant,
  Initializer: constant,
  Constant: constant,

  Add: ({ inputs: [a, b] }, g) => [unbroadcast(g, a), unbroadcast(g, b)],
  Sub: ({ inputs: [a, b] }, g) => [unbroadcast(g, a), unbroadcast(ops.neg(g), b)],
  Mul: ({ inputs: [a, b] }, g) => [unbroadcast(ops.mul(g, b), a), unbroadcast(ops.mul(g, a), b)],
  Div: ({ inputs: [a, b] }, g) => [
    unbroadcast(ops.div(g, b), a),
    unbroadcast(ops.neg(ops.div(ops.mul(g, a), ops.square(b))), b),
  ],
  // At a tie the whole gradient goes to the second, so that max(x, 0) has torch's relu derivative, 0 at 0.
  Max: ({ inputs: [a, b] }, g) => choose(ops.less(b, a), g, a, b),
  Min: ({ inputs: [a, b] }, g) => choose(ops.less(a, b), g, a, b),
  Neg: (_, g) => [ops.neg(g)],
  Exp: (y, g) => [ops.mul(g, y)],
  Log: ({ inputs: [x] }, g) => [ops.div(g, x)],
  Sqrt: (y, g) => [ops.div(ops.mul(g, 0.5), y)],
  Reciprocal: (y, g) => [ops.neg(ops.mul(g, ops.square(y)))],
  Sigmoid: (y, g) => [ops.mul(g, ops.mul(y, ops.sub(1, y)))],
  Softplus: ({ inputs: [x] }, g) => [ops.mul(g, ops.sigmoid(x))],
  Tanh: (y, g) => [ops.mul(g, ops.sub(1, ops.square(y)))],
  Erf: ({ inputs: [x] }, g) => [ops.mul(g, ops.mul(2 / Math.sqrt(Math.PI), ops.exp(ops.neg(ops.square(x)))))],
  Cos: ({ inputs: [x] }, g) => [ops.neg(ops.mul(g, ops.sin(x)))],
  Sin: ({ inputs: [x] }, g) => [ops.mul(g, ops.cos(x))],

  // aᵀ g, or (gᵀ a)ᵀ where that turns narrow matrices instead of a wide one: attention weights are tokens × tokens.
  MatMul: ({ inputs: [a, b] }, g) => [
    unbroadcast(ops.matmul(g, turned(b)), a),
    unbroadcast(
      typeof size(a, -1) === "string" && typeof size(g, -1) === "number"
        ? turned(ops.matmul(turned(g), a))
        : ops.matmul(turned(a), g),
      b,
    ),
  ],
  Gemm: ({ inputs: [a, b, ...plus], attributes }, g) => {
    const [transA, transB, alpha] = [attributes.transA === 1, attributes.transB === 1, attributes.alpha];
    return [
      transA
        ? ops.gemm(b, g, { transA: transB, transB: true, alpha })
        : ops.gemm(g, b, { transB: !transB, alpha }),
      transB
        ? ops.gemm(g, a, { transA: true, transB: transA, alpha })
        : ops.gemm(a, g, { transA: !transA, alpha }),
      ...plus.map((term) => unbroadcast(g, term)),
    ];
  },
  ReduceSum: ({ inputs: [x] }, g) => [ops.expandLike(g, x), null],
  ReduceMax: constant,
  Softmax: (y, g) => [ops.mul(y, ops.sub(g, ops.sum(ops.mul(g, y), { axes: [-1], keep: true })))],
  LogSoftmax: (y, g) => [ops.sub(g, ops.mul(ops.exp(y), ops.sum(g, { axes: [-1], keep: true })))],

  Reshape: ({ inputs: [x] }, g) => [ops.reshapeTo(g, ops.shapeOf(x), x.shape), null],
  Transpose: ({ attributes: { perm } }, g) => [
    ops.transpose(
      g,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  Unsqueeze: ({ inputs: [x] }, g) => [ops.reshapeTo(g, ops.shapeOf(x), x.shape), null],
  Squeeze: ({ inputs: [x] }, g) => [ops.reshapeTo(g, ops.shapeOf(x), x.shape), null],
  Expand: ({ inputs: [x] }, g) => [unbroadcast(g, x), null],
  Concat: ({ inputs, attributes: { axis } }, g) => {
    let start = ops.integers(0);
    return inputs.map((part) => {
      const from = start;
      start = ops.add(from, ops.sizeOf(part, axis));
      return ops.slice(g, axis, from, start, size(part, axis));
    });
  },
  Slice: ({ inputs: [x, start, end], attributes: { axis } }, g) => {
    const pads = ops.concat([start, ops.sub(ops.sizeOf(x, axis), end)], 0);
    return [ops.pad(g, axis, pads, size(x, axis)), null, null, null];
  },
  Pad: ({ inputs: [x, pads], attributes: { axis } }, g) => {
    const start = ops.slice(pads, 0, 0, 1);
    return [ops.slice(g, axis, start, ops.add(start, ops.sizeOf(x, axis)), size(x, axis)), null, null, null];
  },
  Gather: ({ inputs: [x, indices] }, g) => [scattered(x, indices, g), null],
  GatherElements: ({ inputs: [x, indices], attributes: { axis } }, g) => [
    ops.scatterAdd(ops.zerosLike(x), indices, g, axis),
    null,
  ],
  ScatterElements: ({ inputs: [, indices], attributes: { axis } }, g) => [
    g,
    null,
    ops.gatherElements(g, indices, axis),
  ],
  Where: ({ inputs: [condition, a, b] }, g) => [null, ...choose(condition, g, a, b)],

  Identity: constant,
  Cast: constant,
  Shape: constant,
  TopK: constant,
  Equal: constant,
  Less: constant,
  LessOrEqual: constant,
  GreaterOrEqual: constant,
  And: constant,
  Or: constant,
  BitwiseXor: constant,
  BitShift: constant,
};

type Sources = (value: Value) => readonly Value[];
const sourcesOf: Sources = ({ backward, inputs }) => backward?.of ?? inputs;

/**
 * Derivatives of the scalar `loss` by each of `parameters`, in their order; zeros where the loss does not depend
 * on one. Values that no parameter reaches cost nothing.
 */
export function gradients(loss: Value, parameters: readonly Value[]): Value[] {
  return pullBack(loss, ops.constant(1), parameters, sourcesOf);
}

/** From the gradient of `output` to those of `starts`, through what lies between; no start depends on another. */
export function gradientsBetween(starts: readonly Value[], output: Value, gradient: Value): Value[] {
  return pullBack(output, gradient, starts, (value) => (starts.includes(value) ? [] : sourcesOf(value)));
}

function pullBack(output: Value, gradient: Value, targets: readonly Value[], sources: Sources): Value[] {
  const order = topological([output], sources);
  const needed = new Set<Value>(targets);
  for (const value of order) if (sources(value).some((source) => needed.has(source))) needed.add(value);

  const arrived = new Map<Value, Value>([[output, gradient]]);
  for (const value of order.toReversed()) {
    const own = arrived.get(value);
    if (!own || !needed.has(value)) continue;
    const parts = value.backward ? value.backward.rule(own) : differentiate(value, own);
    sources(value).forEach((source, i) => {
      const part = parts[i];
      if (!part || !needed.has(source)) return;
      const sum = arrived.get(source);
      arrived.set(source, sum ? added(sum, part, part === own) : part);
    });
  }
  return targets.map((target) => arrived.get(target) ?? ops.zerosLike(target));
}

/** A product that nobody else reads adds the sum so far itself. */
function added(sum: Value, part: Value, isShared: boolean): Value {
  const joins = !isShared && is(part, "Gemm") && part.inputs.length === 2;
  return joins ? { ...part, inputs: [...part.inputs, sum] } : ops.add(sum, part);
}

function differentiate<K extends Op>(value: Value<K>, gradient: Value): readonly (Value | null)[] {
  return rules[value.op](value, gradient);
}

/** Sums what broadcasting repeated, so that the gradient has the shape of `like`. */
function unbroadcast(gradient: Value, like: Value): Value {
  const extra = gradient.shape.length - like.shape.length;
  const repeated = gradient.shape.flatMap((dim, axis) =>
    axis < extra || (like.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  if (repeated.length === 0) return gradient;
  const summed = ops.sum(gradient, { axes: repeated, keep: true });
  return extra === 0 ? summed : ops.reshapeTo(summed, ops.shapeOf(like), like.shape);
}

/** The gradient of a choice: to `a` where the condition holds, to `b` elsewhere. */
function choose(condition: Value, g: Value, a: Value, b: Value): readonly [Value, Value] {
  return [unbroadcast(ops.where(condition, g, 0), a), unbroadcast(ops.where(condition, 0, g), b)];
}

function turned(matrix: Value): Value {
  const axes = matrix.shape.map((_, axis) => axis);
  return ops.transpose(matrix, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Adds the rows of `g` into zeros of the shape of `x` at the places they were gathered from. */
function scattered(x: Value, indices: Value, g: Value): Value {
  const [, ...row] = x.shape;
  const count = indices.shape.length === 1 ? size(indices, 0) : `${indices.shape.join("·")} rows`;
  const updates = ops.reshapeTo(g, ops.concat([ops.integers(-1), ops.shapeOf(x, 1)], 0), [count, ...row]);
  // ScatterElements wants one index for every number.
  const column = ops.reshape(indices, [count, ...row.map(() => 1)]);
  return ops.scatterAdd(ops.zerosLike(x), ops.expandLike(column, updates), updates, 0);
}
