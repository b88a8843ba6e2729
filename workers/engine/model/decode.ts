/** A model as a graph: the walk through its layers, and its linear layers with their adapters. */

import { staticSize, type Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { Attend } from "./attention";
import type { LayerType, ModelConfig } from "./config";
import { familyOf } from "./families";
import type { Head } from "./head";
import { type Rotation, rotation } from "./layers";
import type { LowRank, Network, Weights } from "./network";
import { ropeFrequencies } from "./rope";

/** The hidden states along the way; all [tokens, hidden]. */
export interface Trunk {
  /** Before each layer, and after the last one. */
  readonly boundaries: readonly Value[];
  /** Results of matrix products: what a backward pass had better keep, because computing them is the work. */
  readonly products: readonly Value[];
  /** After the final norm. */
  readonly hidden: Value;
}

/** Runs packed token ids (int64 [tokens]) through all layers. */
export function decode(
  config: ModelConfig,
  weights: Weights,
  { ids, positions }: { ids: Value; positions: Value },
  attend: Attend,
): Trunk {
  const { layers } = familyOf(config);
  const products: Value[] = [];
  const kept = (product: Value) => {
    products.push(product);
    return product;
  };
  const network: Network = {
    config,
    parameter: weights.parameter,
    positions,
    attend: (layer, q, k, v) => kept(attend(layer, q, k, v)),
    rotations: config.rope && {
      full_attention: rotationOf(config, "full_attention", positions),
      sliding_attention: rotationOf(config, "sliding_attention", positions),
    },
    linear: (module, x) => linears(config, weights, kept, [module], x)[0],
    linears: (modules, x) => linears(config, weights, kept, modules, x),
  };
  const boundaries = [layers.embed(network, ids)];
  for (let index = 0; index < config.num_hidden_layers; index++) {
    boundaries.push(layers.layer(network, boundaries[index], index));
  }
  return { boundaries, products, hidden: layers.finalNorm(network, boundaries[config.num_hidden_layers]) };
}

/** The language-model head of a model; `matrix` is [vocabulary, hidden]. */
export function headOf(config: ModelConfig, weights: Weights): Omit<Head, "trained"> {
  const name = config.tie_word_embeddings ? familyOf(config).embedding : "lm_head.weight";
  return {
    matrix: weights.parameter(name),
    scale: config.logit_scale,
    softcap: config.final_logit_softcapping,
  };
}

function linears(
  config: ModelConfig,
  weights: Weights,
  kept: (product: Value) => Value,
  modules: readonly string[],
  x: Value,
): Value[] {
  const transB = !familyOf(config).transposed;
  const lows = lowProducts(modules.map(weights.adapter), x, kept);
  return modules.map((module, index) => {
    const bias = `${module}.bias`;
    const plus = weights.has(bias) ? weights.parameter(bias) : undefined;
    const product = ops.gemm(x, weights.parameter(`${module}.weight`), { transB, plus });
    const adapter = weights.adapter(module);
    const low = lows[index];
    return kept(
      adapter && low
        ? ops.gemm(low, adapter.b, { transB: true, alpha: adapter.scale, plus: product })
        : product,
    );
  });
}

/**
 * x Aᵀ of each adapter. Those that read x as it is are one product, which is cut afterwards: a product with so few
 * columns costs nearly as much as one with three times as many.
 */
function lowProducts(
  adapters: readonly (LowRank | undefined)[],
  x: Value,
  kept: (product: Value) => Value,
): (Value | undefined)[] {
  const joint = adapters.filter((adapter) => adapter !== undefined);
  if (joint.length < 2 || joint.some(({ dropout }) => dropout(x) !== x)) {
    return adapters.map(
      (adapter) => adapter && kept(ops.gemm(adapter.dropout(x), adapter.a, { transB: true })),
    );
  }
  const stacked = ops.concat(
    joint.map(({ a }) => a),
    0,
  );
  const product = kept(ops.gemm(x, stacked, { transB: true }));
  let start = 0;
  return adapters.map((adapter) => {
    if (!adapter) return undefined;
    const end = start + staticSize(adapter.a, 0);
    const own = ops.slice(product, 1, start, end);
    start = end;
    return own;
  });
}

function rotationOf({ rope, head_dim }: ModelConfig, type: LayerType, positions: Value): Rotation {
  if (!rope) throw new Error("learned positions have no rotation");
  const { inverse, attention_factor } = ropeFrequencies(rope[type], head_dim);
  return rotation(positions, inverse, attention_factor);
}
