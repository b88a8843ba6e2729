/** What a model remembers of tokens that it has read. */

import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import { type Adapter, promptEmbeddings } from "../model/adapter/peft";
import type { Prefixes } from "../model/attention";
import type { ModelConfig } from "../model/config";
import { vector } from "../rows/packing";

/** Keys and values of consecutive tokens, [layers, tokens, key heads · features] each. */
export interface Past {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly tokens: number;
}

/** Some of a past's tokens: from `start` until before `end`. */
export interface Stretch {
  readonly past: Past;
  readonly start: number;
  readonly end: number;
}

/** Numbers of one token's keys in one layer. */
const keySize = ({ num_key_value_heads, head_dim }: ModelConfig) => num_key_value_heads * head_dim;

/** Bytes that one token's keys and values take in all layers. */
export const bytesOfToken = (config: ModelConfig) => config.num_hidden_layers * 2 * keySize(config) * 4;

/** Stretches one after the other. */
export function joined(config: ModelConfig, stretches: readonly Stretch[]): Past {
  const size = keySize(config);
  const tokens = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const join = (block: "keys" | "values") => {
    const all = new Float32Array(config.num_hidden_layers * tokens * size);
    let at = 0;
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      for (const { past, start, end } of stretches) {
        const from = layer * past.tokens;
        all.set(past[block].subarray((from + start) * size, (from + end) * size), at);
        at += (end - start) * size;
      }
    }
    return all;
  };
  return { keys: join("keys"), values: join("values"), tokens };
}

/** What precedes every text: the virtual tokens of a tuned prefix, or nothing. */
export function firstPast(config: ModelConfig, adapter: Adapter | null): Past {
  const prefix = adapter?.tensors.get(promptEmbeddings);
  if (!prefix) return { keys: new Float32Array(), values: new Float32Array(), tokens: 0 };
  const [tokens, width] = prefix.shape; // of a virtual token: every layer's key, then its value
  const size = keySize(config);
  const block = (offset: 0 | 1) => {
    const all = new Float32Array(config.num_hidden_layers * tokens * size);
    for (let layer = 0; layer < config.num_hidden_layers; layer++)
      for (let token = 0; token < tokens; token++) {
        const from = token * width + (2 * layer + offset) * size;
        all.set(prefix.data.subarray(from, from + size), (layer * tokens + token) * size);
      }
    return all;
  };
  return { keys: block(0), values: block(1), tokens };
}

/** A past as a graph is fed it. */
export function pastFeeds(config: ModelConfig, { keys, values, tokens }: Past): Record<string, TensorData> {
  const dims = [config.num_hidden_layers, tokens, keySize(config)];
  return {
    "past keys": { data: keys, dims },
    "past values": { data: values, dims },
    "past places": vector(Array.from({ length: tokens }, (_, place) => place)),
  };
}

/** A past that a graph is fed, as what precedes every row. */
export function pastInputs(config: ModelConfig): { readonly prefixes: Prefixes; readonly places: Value } {
  const shape = [config.num_hidden_layers, "past", keySize(config)];
  const [keys, values] = [ops.input("past keys", shape), ops.input("past values", shape)];
  const ofLayer = (all: Value, layer: number) => ops.squeeze(ops.slice(all, 0, layer, layer + 1), 0);
  return {
    prefixes: Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
      key: ofLayer(keys, layer),
      value: ofLayer(values, layer),
    })),
    places: ops.input("past places", ["past"], "int64"),
  };
}
