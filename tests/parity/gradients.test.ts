import { describe, expect, it } from "vitest";
import { count } from "@/workers/engine/file/safetensors";
import { gradients, rules } from "@/workers/engine/graph/gradients";
import type { Op, Value } from "@/workers/engine/graph/graph";
import * as ops from "@/workers/engine/graph/ops";
import { Session, type TensorData } from "@/workers/engine/graph/session";
import {
  type Attend,
  type AttentionLayer,
  type Prefixes,
  treeAttention,
} from "@/workers/engine/model/attention";
import { type Head, scoreTokens } from "@/workers/engine/model/head";
import { activations, rmsNorm, rotate, rotation } from "@/workers/engine/model/layers";
import { seeded } from "@/workers/engine/random";

/** A function whose every input is differentiated; inputs are drawn uniformly from a range. */
interface Differentiable {
  readonly shapes: readonly (readonly number[])[];
  readonly range?: readonly [number, number];
  readonly build: (...inputs: Value[]) => Value;
}
/** The operator passes no gradient on: either it cannot, or it is there to stop it. */
const constant = "constant";

const matrix = [3, 4] as const;
const unary = (op: (x: Value) => Value, range?: readonly [number, number]): Differentiable => ({
  shapes: [matrix],
  range,
  build: op,
});
/** The second operand broadcasts along both axes. */
const binary = (op: (a: Value, b: Value) => Value, range?: readonly [number, number]): Differentiable => ({
  shapes: [matrix, [3, 1], [4]],
  range,
  build: (a, b, c) => ops.add(op(a, b), op(c, a)),
});
const positive = [0.5, 2] as const;
/** So wide that no two numbers come within a step of each other. */
const apart = [-20, 20] as const;
const picked = ops.integers(2, 0, 2);

const cases: { readonly [K in Op]: Differentiable | typeof constant } = {
  Input: constant,
  Initializer: constant,
  Constant: constant,
  Add: binary(ops.add),
  Sub: binary(ops.sub),
  Mul: binary(ops.mul),
  Div: binary(ops.div, positive),
  Max: binary(ops.maximum, apart),
  Min: binary(ops.minimum, apart),
  Neg: unary(ops.neg),
  Exp: unary(ops.exp),
  Log: unary(ops.log, positive),
  Sqrt: unary(ops.sqrt, positive),
  Reciprocal: unary(ops.reciprocal, positive),
  Sigmoid: unary(ops.sigmoid),
  Softplus: unary(ops.softplus),
  Tanh: unary(ops.tanh),
  Erf: unary(ops.erf),
  Cos: unary(ops.cos),
  Sin: unary(ops.sin),
  MatMul: {
    shapes: [
      [2, 3, 4],
      [1, 4, 3],
      [4, 2],
    ],
    build: (a, b, c) => ops.matmul(ops.matmul(a, b), ops.matmul(a, c)),
  },
  Gemm: {
    shapes: [matrix, matrix, [4, 3], [4, 3], [3]],
    build: (a, b, c, d, e) =>
      ops.add(
        ops.gemm(a, b, { transB: true, alpha: 0.5, plus: ops.gemm(a, c, { plus: e }) }),
        ops.add(ops.gemm(c, d, { transA: true }), ops.gemm(c, b, { transA: true, transB: true })),
      ),
  },
  ReduceSum: unary((x) => ops.mul(ops.sum(x, { axes: [0] }), ops.sum(x, { axes: [-1], keep: true }))),
  ReduceMax: constant,
  Softmax: unary(ops.softmax),
  LogSoftmax: unary(ops.logSoftmax),
  Reshape: unary((x) => ops.reshape(x, [2, 6])),
  Transpose: { shapes: [[2, 3, 4]], build: (x) => ops.transpose(x, [2, 0, 1]) },
  Unsqueeze: unary((x) => ops.unsqueeze(x, 1)),
  Squeeze: { shapes: [[3, 1, 4]], build: (x) => ops.squeeze(x, 1) },
  Expand: { shapes: [[3, 1]], build: (x) => ops.expandLike(x, ops.constant(new Float32Array(12), [3, 4])) },
  Concat: { shapes: [matrix, [3, 2]], build: (a, b) => ops.concat([a, b, a], 1) },
  Slice: unary((x) => ops.slice(x, 1, 1, 3)),
  Pad: unary((x) => ops.pad(x, 1, ops.integers(2, 1), 7)),
  Gather: unary((x) => ops.gather(x, picked)),
  GatherElements: unary((x) => ops.gatherElements(x, ops.reshape(ops.integers(0, 3, 3), [3, 1]), 1)),
  ScatterElements: {
    shapes: [matrix, [3, 1]],
    build: (x, updates) => ops.scatterAdd(x, ops.reshape(ops.integers(1, 1, 2), [3, 1]), updates, 1),
  },
  Where: { shapes: [matrix, [3, 1]], build: (a, b) => ops.where(ops.less(a, 0), ops.square(a), b) },
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

/** Where a hand-written derivative replaces the walk. */
const composites: Record<string, Differentiable> = {
  "rotary positions": {
    shapes: [[3, 2, 5]],
    build: (x) => rotate(x, rotation(ops.integers(0, 3, 7), Float32Array.of(1, 0.3), 1.2)),
  },
  "norm by the root mean square": {
    shapes: [matrix, [4]],
    build: (x, weight) => rmsNorm(x, weight, 1e-5),
  },
  "sigmoid linear unit": unary(activations.silu),
  "attention of two rows": {
    shapes: [
      [7, 8],
      [7, 4],
      [7, 4],
    ],
    build: (q, k, v) => twoRows()(smallLayer, q, k, v),
  },
  "attention after a tuned prefix": {
    shapes: [
      [7, 8],
      [7, 4],
      [7, 4],
      [2, 4],
      [2, 4],
    ],
    build: (q, k, v, key, value) => twoRows([{ key, value }])(smallLayer, q, k, v),
  },
  "head, frozen": { shapes: [[5, 3]], build: (states) => scores(states, frozenHead, null) },
  "head, trained": {
    shapes: [
      [5, 3],
      [6, 3],
    ],
    build: (states, head) => scores(states, head, null, true),
  },
  "head, trained and capped": {
    shapes: [
      [5, 3],
      [6, 3],
    ],
    build: (states, head) => scores(states, head, 0.7, true),
  },
  "head, capped": { shapes: [[5, 3]], build: (states) => scores(states, frozenHead, 0.7) },
};
const smallLayer: AttentionLayer = {
  index: 0,
  heads: { query: 4, key: 2, features: 2 },
  scale: 0.7,
  window: null,
  softcap: 3,
};
/** A prompt of two tokens with two responses of one, and a response of three tokens to nothing. */
function twoRows(prefixes?: Prefixes): Attend {
  const virtual = prefixes ? 2 : 0;
  const positions = ops.integers(...[0, 1, 2, 2, 0, 1, 2].map((position) => virtual + position));
  const branches = ops.integers(0, 0, 1, 2, 1, 1, 1);
  return treeAttention({ count: 2, bounds: ops.integers(0, 4, 7), positions, branches }, prefixes);
}
const frozenHead = ops.constant(
  Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
  [6, 3],
);
function scores(states: Value, matrix: Value, softcap: Head["softcap"], trained = false): Value {
  const targets = {
    sources: ops.reshape(ops.integers(0, 0, 1, 4, 0, 0), [2, 3]),
    ids: ops.reshape(ops.integers(5, 2, 2, 0, 0, 0), [2, 3]),
    scored: ops.integers(4),
    count: 4,
  };
  return scoreTokens({ matrix, trained, scale: 1, softcap }, states, targets, 2).logp;
}

/**
 * Compares the gradient of Σ wᵢ yᵢ, for fixed w, with central differences along each input's every axis, in
 * float32: steps of 1/64 are exact, and leave an error of about 1e-4.
 */
async function largestError({ shapes, range = [-1, 1], build }: Differentiable): Promise<number> {
  const random = seeded(7, "gradients");
  const draw = (length: number, [low, high]: readonly [number, number]) =>
    random.fillUniform(new Float32Array(length), low, high);
  const inputs = shapes.map((shape, index) => ops.input(`x${index}`, shape));
  const result = build(...inputs);
  const values = shapes.map((shape) => draw(count(shape), range));
  const weights = ops.constant(draw(count(result.shape.map(Number)), [-1, 1]), result.shape.map(Number));
  const loss = ops.sum(ops.mul(result, weights));
  const found = gradients(loss, inputs);
  const outputs = Object.fromEntries(found.map((gradient, index) => [`g${index}`, gradient]));
  const session = await Session.open({ loss, ...outputs }, { device: "cpu", threads: 1 });
  const run = (numbers: readonly Float32Array[]) =>
    session.run(
      Object.fromEntries(numbers.map((data, index) => [`x${index}`, { data, dims: shapes[index] }])),
    );
  const exact = await run(values);
  const step = 1 / 64;
  let worst = 0;
  for (const [index, data] of values.entries()) {
    for (let i = 0; i < data.length; i++) {
      const moved = async (by: number) =>
        first((await run(values.map((other, at) => (at === index ? nudged(other, i, by) : other)))).loss);
      const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - Number(exact[`g${index}`].data[i])));
    }
  }
  await session.release();
  return worst;
}

const first = ({ data }: TensorData) => Number(data[0]);
const nudged = (data: Float32Array, at: number, by: number) =>
  data.map((value, i) => (i === at ? value + by : value));

describe("gradient rules agree with finite differences", () => {
  for (const [name, made] of [...Object.entries(cases), ...Object.entries(composites)]) {
    if (made === constant) continue;
    it(name, async () => expect(await largestError(made)).toBeLessThan(2e-3));
  }

  it("and every other operator passes none on", () => {
    const silent = Object.entries(cases).flatMap(([op, made]) => (made === constant ? [op] : []));
    expect(silent.length + Object.values(cases).filter((made) => made !== constant).length).toBe(
      Object.keys(rules).length,
    );
    const x = ops.input("x", [3]);
    for (const stopped of [ops.stopGradient(x), ops.max(x), ops.cast(x, "float16"), ops.less(x, 0)]) {
      const [gradient] = gradients(ops.sum(ops.cast(stopped, "float32")), [x]);
      expect(gradient.op).toBe("Expand"); // zeros of the shape of x
    }
  });
});
