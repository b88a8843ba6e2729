/**
 * Dropout inside the graph. Masks follow from one key a token, drawn by the run's own seeded generator and fed, and
 * one key a feature: a resumed run draws the same keys, and recomputing a mask gives the same mask.
 */

import { type Random, seeded } from "../random";
import { size, staticSize, type Value } from "./graph";
import * as ops from "./ops";
import type { TensorData } from "./session";

/** What a module's adapter does to its input. */
export type Dropout = (module: string) => (x: Value) => Value;

export const none: Dropout = () => (x) => x;

/** The name under which the tokens' keys are fed. */
export const dropoutKeys = "dropout keys";

/** Zeroes a share `rate` of the numbers of x [tokens, features] and scales the others up, as torch does. */
export const dropping =
  (rate: number): Dropout =>
  (module) =>
  (x) => {
    const features = staticSize(x, 1);
    const random = seeded(0, "dropout", module);
    const ofFeatures = ops.words(Array.from({ length: features }, () => random.bits() | 0));
    const ofTokens = ops.unsqueeze(ops.input(dropoutKeys, [size(x, 0)], "int32"), 1);
    // A signed 32-bit hash is below the limit with probability 1 − rate.
    const limit = Math.round((1 - rate) * 2 ** 32 - 2 ** 31);
    const kept = ops.less(scrambled(ops.bitwiseXor(ofTokens, ofFeatures)), ops.words([limit]));
    return ops.where(kept, ops.mul(x, 1 / (1 - rate)), 0);
  };

/** Two rounds of multiply and shift (the finaliser of MurmurHash3). */
function scrambled(hash: Value): Value {
  const once = ops.mul(foldedDown(hash, 16), ops.words([0x85ebca6b | 0]));
  return foldedDown(ops.mul(foldedDown(once, 13), ops.words([0xc2b2ae35 | 0])), 16);
}

function foldedDown(hash: Value, bits: number): Value {
  const shifted = ops.shiftRight(ops.cast(hash, "uint32"), ops.cast(ops.words([bits]), "uint32"));
  return ops.bitwiseXor(hash, ops.cast(shifted, "int32"));
}

/** A key for each of `tokens` tokens. */
export function drawKeys(random: Random, tokens: number): TensorData {
  return { data: Int32Array.from({ length: tokens }, () => random.bits() | 0), dims: [tokens] };
}
