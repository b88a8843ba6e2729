/** What decoder layers are made of. Activations are packed: [tokens, features], without padding. */

import { type HandWritten, size, staticSize, type Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { Activation } from "./config";

/** x / rms(x) · weight over the last axis (Zhang and Sennrich, arXiv 1910.07467). */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const scale = inverseRoot(ops.square(x), epsilon);
  const normed = ops.mul(x, scale);
  const leading = x.shape.slice(0, -1).map((_, axis) => axis);
  const backward: HandWritten = {
    of: [x, weight],
    rule: (g) => {
      const weighted = ops.mul(g, weight);
      const along = ops.mul(lastMean(ops.mul(weighted, x)), ops.mul(ops.square(scale), scale));
      const forX = ops.sub(ops.mul(weighted, scale), ops.mul(x, along));
      return [forX, ops.sum(ops.mul(g, normed), { axes: leading })];
    },
  };
  return { ...ops.mul(normed, weight), backward };
}

/** (x − mean) / deviation · weight + bias over the last axis (Ba et al., arXiv 1607.06450). */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const centred = ops.sub(x, lastMean(x));
  return ops.add(ops.mul(ops.mul(centred, inverseRoot(ops.square(centred), epsilon)), weight), bias);
}

const lastMean = (x: Value) => ops.mul(ops.sum(x, { axes: [-1], keep: true }), 1 / staticSize(x, -1));
const inverseRoot = (squares: Value, epsilon: number) =>
  ops.reciprocal(ops.sqrt(ops.add(lastMean(squares), epsilon)));

/** Gaussian error linear unit x·Φ(x), exact or with GPT-2's tanh (Hendrycks and Gimpel, arXiv 1606.08415); SiLU is x·σ(x). */
export const activations: Readonly<Record<Activation, (x: Value) => Value>> = {
  silu,
  gelu: (x) => ops.mul(ops.mul(x, 0.5), ops.add(1, ops.erf(ops.mul(x, Math.SQRT1_2)))),
  gelu_tanh: (x) => {
    const cubic = ops.add(x, ops.mul(0.044715, ops.mul(x, ops.square(x))));
    return ops.mul(ops.mul(x, 0.5), ops.add(1, ops.tanh(ops.mul(Math.sqrt(2 / Math.PI), cubic))));
  },
};

function silu(x: Value): Value {
  const gate = ops.sigmoid(x);
  const slope = () => ops.add(gate, ops.mul(y, ops.sub(1, gate)));
  const y: Value = { ...ops.mul(x, gate), backward: { of: [x], rule: (g) => [ops.mul(g, slope())] } };
  return y;
}

/** Cosines and sines of every token's angles, [tokens, 1, pairs]. */
export interface Rotation {
  readonly cos: Value;
  readonly sin: Value;
}

/** The angles position · frequency; `factor` is yarn's temperature. */
export function rotation(positions: Value, frequencies: Float32Array, factor: number): Rotation {
  const column = ops.reshape(ops.cast(positions, "float32"), [size(positions, 0), 1, 1]);
  const angles = ops.mul(column, ops.constant(frequencies, [1, 1, frequencies.length]));
  return { cos: ops.mul(ops.cos(angles), factor), sin: ops.mul(ops.sin(angles), factor) };
}

/**
 * Turns the first 2·pairs features of every head by its token's angles (arXiv 2104.09864); x is [tokens, heads,
 * features]. Pairs are halves of what turns in most of transformers, neighbours in GLM. The derivative of a turn is
 * the turn back.
 */
export function rotate(x: Value, rotation: Rotation, pairs: "halves" | "neighbours" = "halves"): Value {
  if (pairs === "halves") return rotateHalves(x, rotation);
  const [features, turning] = [staticSize(x, 2), 2 * staticSize(rotation.cos, 2)];
  const shape = [size(x, 0), size(x, 1)];
  const swapped = (part: Value, inner: readonly number[]) =>
    ops.reshape(ops.transpose(ops.reshape(part, [...shape, ...inner]), [0, 1, 3, 2]), [...shape, turning]);
  const halves = swapped(ops.slice(x, 2, 0, turning), [turning / 2, 2]);
  const turned = swapped(rotateHalves(halves, rotation), [2, turning / 2]);
  return turning < features ? ops.concat([turned, ops.slice(x, 2, turning, features)], 2) : turned;
}

function rotateHalves(x: Value, { cos, sin }: Rotation): Value {
  const backward: HandWritten = { of: [x], rule: (g) => [turn(g, cos, ops.neg(sin))] };
  return { ...turn(x, cos, sin), backward };
}

function turn(x: Value, cos: Value, sin: Value): Value {
  const [pairs, features] = [staticSize(cos, 2), staticSize(x, 2)];
  const first = ops.slice(x, 2, 0, pairs);
  const second = ops.slice(x, 2, pairs, 2 * pairs);
  const turned = [
    ops.sub(ops.mul(first, cos), ops.mul(second, sin)),
    ops.add(ops.mul(second, cos), ops.mul(first, sin)),
  ];
  return ops.concat(2 * pairs < features ? [...turned, ops.slice(x, 2, 2 * pairs, features)] : turned, 2);
}

/** [tokens, heads · features] → [tokens, heads, features] and back. */
export const splitHeads = (x: Value, features: number) =>
  ops.reshape(x, [size(x, 0), staticSize(x, 1) / features, features]);
export const joinHeads = (x: Value) => ops.reshape(x, [size(x, 0), staticSize(x, 1) * staticSize(x, 2)]);
