/** The two graphs of generation: a whole prompt, and one more token for every row of a batch. */

import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import type { Attend, AttentionLayer, Prefixes } from "../model/attention";
import type { LayerType, ModelConfig } from "../model/config";
import { decode } from "../model/decode";
import type { Weights } from "../model/network";
import { packedTrunk, vocabularyLogits } from "./inference";
import { keysName, valuesName } from "./kv-cache";

/** One prompt through the model: logits after its last token, and every layer's keys and values. */
export function promptGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const { states: _, ...read } = promptAndStatesGraph(weights, config, prefixes);
  return read;
}

/** The same, and the last hidden states of all its tokens. */
export function promptAndStatesGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const seen = recorder();
  const hidden = packedTrunk(weights, config, prefixes, 1, seen.watch);
  const last = ops.gather(hidden, ops.sub(ops.sizeOf(hidden, 0), ops.integers(1)));
  return {
    logits: vocabularyLogits(weights, config, last),
    keys: seen.keys(),
    values: seen.values(),
    states: hidden,
  };
}

/** Logits of states that were kept: [states, vocabulary]. */
export function headGraph(weights: Weights, config: ModelConfig) {
  return { logits: vocabularyLogits(weights, config, ops.input("states", ["states", config.hidden_size])) };
}

/** One new token for each of `rows` sequences, attending to the cache and to itself. */
export function stepGraph(rows: number) {
  return (weights: Weights, config: ModelConfig) => {
    const ids = ops.input("ids", [rows], "int64");
    const positions = ops.input("positions", [rows], "int64");
    const mask = (type: LayerType) => ops.input(type, [rows, 1, 1, "slots"]);
    const masks = { full_attention: mask("full_attention"), sliding_attention: mask("sliding_attention") };
    const seen = recorder();
    const attend: Attend = (layer, q, k, v) => {
      const past = pastOf(layer, rows);
      return attendCached(layer, rows, { q, k, v }, past, masks[config.layer_types[layer.index]]);
    };
    const { hidden } = decode(config, weights, { ids, positions }, seen.watch(attend));
    return { logits: vocabularyLogits(weights, config, hidden), keys: seen.keys(), values: seen.values() };
  };
}

const pastOf = ({ index, heads }: AttentionLayer, rows: number) => ({
  keys: ops.input(keysName(index), [rows, heads.key, heads.features, "slots"]),
  values: ops.input(valuesName(index), [rows, heads.key, "slots", heads.features]),
});

/** softmax over [cached tokens, the token itself]; query heads share key heads in groups. */
function attendCached(
  { heads, scale, softcap }: AttentionLayer,
  rows: number,
  { q, k, v }: { readonly q: Value; readonly k: Value; readonly v: Value },
  past: { readonly keys: Value; readonly values: Value },
  mask: Value,
): Value {
  const groups = heads.query / heads.key;
  const query = ops.mul(ops.reshape(q, [rows, heads.key, groups, heads.features]), scale);
  const cap = (scores: Value) =>
    softcap === null ? scores : ops.mul(ops.tanh(ops.mul(scores, 1 / softcap)), softcap);
  const before = ops.add(cap(ops.matmul(query, past.keys)), mask);
  const own = cap(ops.matmul(query, ops.reshape(k, [rows, heads.key, heads.features, 1])));
  const weights = ops.softmax(ops.concat([before, own], 3));
  const slots = ops.sizeOf(past.values, 2);
  const seen = ops.matmul(ops.slice(weights, 3, 0, slots, "slots"), past.values);
  const self = ops.mul(
    ops.slice(weights, 3, slots, ops.add(slots, ops.integers(1)), 1),
    ops.reshape(v, [rows, heads.key, 1, heads.features]),
  );
  return ops.reshape(ops.add(seen, self), [rows, heads.query * heads.features]);
}

/** Notes the keys and values that pass through an attention. */
function recorder() {
  const keys: Value[] = [];
  const values: Value[] = [];
  return {
    watch:
      (attend: Attend): Attend =>
      (layer, q, k, v) => {
        keys.push(k);
        values.push(v);
        return attend(layer, q, k, v);
      },
    keys: () => ops.concat(keys, 0, "layers · tokens"),
    values: () => ops.concat(values, 0, "layers · tokens"),
  };
}

/** 0 for slots a row's new token sees, else so low that their weight is exactly 0: [rows, 1, 1, slots]. */
export function visibleSlots(positions: readonly number[], slots: number, window: number | null): TensorData {
  const mask = new Float32Array(positions.length * slots).fill(-1e30);
  for (const [row, position] of positions.entries()) {
    const first = window === null ? 0 : Math.max(0, position - window + 1);
    mask.fill(0, row * slots + first, row * slots + position);
  }
  return { data: mask, dims: [positions.length, 1, 1, slots] };
}
