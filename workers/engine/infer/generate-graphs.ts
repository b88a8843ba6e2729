/** The graphs of reading and generation: tokens after a past, logits, and one more token for every row of a batch. */

import { size, type Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import { type Attend, type AttentionLayer, treeAttention } from "../model/attention";
import type { LayerType, ModelConfig } from "../model/config";
import { decode, headOf } from "../model/decode";
import { logits } from "../model/head";
import type { Weights } from "../model/network";
import { batchInputs, rowsOf } from "../rows/packing";
import { keysName, valuesName } from "./kv-cache";
import { pastInputs } from "./past";

/** The last hidden states of the tokens `wanted`, of packed rows that all follow one past. */
export function statesGraph(rows: number) {
  return (weights: Weights, config: ModelConfig) => ({ states: statesAfter(weights, config, rows) });
}

/** The same of one row, and every layer's keys and values of its tokens. */
export function readGraph(weights: Weights, config: ModelConfig) {
  const seen = recorder();
  const states = statesAfter(weights, config, 1, seen.watch);
  return { states, keys: seen.keys(), values: seen.values() };
}

function statesAfter(
  weights: Weights,
  config: ModelConfig,
  rows: number,
  watch: (attend: Attend) => Attend = (attend) => attend,
): Value {
  const { prefixes, places } = pastInputs(config);
  const { hidden } = decode(
    config,
    weights,
    batchInputs,
    watch(treeAttention(rowsOf(rows), prefixes, places)),
  );
  return ops.gather(hidden, ops.input("wanted", ["wanted"], "int64"));
}

/** Logits of states that were kept: [states, vocabulary]. */
export function headGraph(weights: Weights, config: ModelConfig) {
  return { logits: logitsOf(weights, config, ops.input("states", ["states", config.hidden_size])) };
}

/** Of states and the tokens that follow: their log-probabilities, and 1 where they are the most probable ones, else 0. */
export function scoredGraph(weights: Weights, config: ModelConfig) {
  const states = ops.input("states", ["states", config.hidden_size]);
  const ids = ops.unsqueeze(ops.input("ids", [size(states, 0)], "int64"), 1);
  const all = ops.logSoftmax(logitsOf(weights, config, states));
  const logp = ops.gatherElements(all, ids, 1);
  const best = ops.greaterOrEqual(logp, ops.max(all, { axes: [1], keep: true }));
  return { logp: ops.squeeze(logp, 1), greedy: ops.squeeze(ops.cast(best, "float32"), 1) };
}

const logitsOf = (weights: Weights, config: ModelConfig, states: Value) =>
  logits(headOf(config, weights), states);

/** One new token for each sequence, attending to the cache and to itself. */
export function stepGraph(weights: Weights, config: ModelConfig) {
  const ids = ops.input("ids", ["rows"], "int64");
  const positions = ops.input("positions", ["rows"], "int64");
  const mask = (type: LayerType) => ops.input(type, ["rows", 1, 1, "slots"]);
  const masks = { full_attention: mask("full_attention"), sliding_attention: mask("sliding_attention") };
  const seen = recorder();
  const attend: Attend = (layer, q, k, v) =>
    attendCached(layer, { q, k, v }, pastOf(layer), masks[config.layer_types[layer.index]]);
  const { hidden } = decode(config, weights, { ids, positions }, seen.watch(attend));
  return { logits: logitsOf(weights, config, hidden), keys: seen.keys(), values: seen.values() };
}

const pastOf = ({ index, heads }: AttentionLayer) => ({
  keys: ops.input(keysName(index), ["rows", heads.key, heads.features, "slots"]),
  values: ops.input(valuesName(index), ["rows", heads.key, "slots", heads.features]),
});

/** softmax over [cached tokens, the token itself]; query heads share key heads in groups. */
function attendCached(
  { heads, scale, softcap }: AttentionLayer,
  { q, k, v }: { readonly q: Value; readonly k: Value; readonly v: Value },
  past: { readonly keys: Value; readonly values: Value },
  mask: Value,
): Value {
  const groups = heads.query / heads.key;
  const query = ops.mul(ops.reshape(q, ["rows", heads.key, groups, heads.features]), scale);
  const cap = (scores: Value) =>
    softcap === null ? scores : ops.mul(ops.tanh(ops.mul(scores, 1 / softcap)), softcap);
  const before = ops.add(cap(ops.matmul(query, past.keys)), mask);
  const own = cap(ops.matmul(query, ops.reshape(k, ["rows", heads.key, heads.features, 1])));
  const weights = ops.softmax(ops.concat([before, own], 3));
  const slots = ops.sizeOf(past.values, 2);
  const seen = ops.matmul(ops.slice(weights, 3, 0, slots, "slots"), past.values);
  const self = ops.mul(
    ops.slice(weights, 3, slots, ops.add(slots, ops.integers(1)), 1),
    ops.reshape(v, ["rows", heads.key, 1, heads.features]),
  );
  return ops.reshape(ops.add(seen, self), ["rows", heads.query * heads.features]);
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
