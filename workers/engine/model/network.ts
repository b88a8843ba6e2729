/** A model as a graph: its weights, its linear layers with their adapters, and the walk through its layers. */

import { staticSize, type Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { Attend } from "./attention";
import type { LayerType, ModelConfig } from "./config";
import { families } from "./families";
import { type Rotation, rotation } from "./layers";
import { ropeFrequencies } from "./rope";

/** The low-rank update of a linear layer: scale · x Aᵀ Bᵀ; A is [rank, inputs], B [outputs, rank]. */
export interface LowRank {
  readonly a: Value;
  readonly b: Value;
  readonly scale: number;
  /** Applied to x before A. */
  readonly dropout: (x: Value) => Value;
}

/** Where a network's numbers come from, by Hugging Face's parameter names. */
export interface Weights {
  /** A parameter in float32. */
  readonly parameter: (name: string) => Value;
  readonly has: (name: string) => boolean;
  /** The adapter of a linear module ("model.layers.0.self_attn.q_proj"), where it has one. */
  readonly adapter: (module: string) => LowRank | undefined;
}

/** What the layers of a family work with. */
export interface Network {
  readonly config: ModelConfig;
  readonly parameter: (name: string) => Value;
  readonly positions: Value;
  readonly attend: Attend;
  /** Angles by layer type; null for families that learn positions. */
  readonly rotations: Readonly<Record<LayerType, Rotation>> | null;
  /** W x + b and the adapter's update, for the module of that name. */
  readonly linear: (module: string, x: Value) => Value;
  /** The same for several modules that read the same x. */
  readonly linears: (modules: readonly string[], x: Value) => Value[];
}

/** A decoder family: three steps from token ids to the last hidden state. */
export interface Family {
  readonly embed: (network: Network, ids: Value) => Value;
  readonly layer: (network: Network, x: Value, index: number) => Value;
  readonly finalNorm: (network: Network, x: Value) => Value;
}

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
  const family = families[config.family];
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
  const boundaries = [family.embed(network, ids)];
  for (let index = 0; index < config.num_hidden_layers; index++) {
    boundaries.push(family.layer(network, boundaries[index], index));
  }
  return { boundaries, products, hidden: family.finalNorm(network, boundaries[config.num_hidden_layers]) };
}

/** The matrix of the language-model head, [vocabulary, hidden]. */
export function headMatrix(config: ModelConfig, weights: Weights): Value {
  if (!config.tie_word_embeddings) return weights.parameter("lm_head.weight");
  return weights.parameter(config.family === "gpt2" ? "transformer.wte.weight" : "model.embed_tokens.weight");
}

function linears(
  { family }: ModelConfig,
  weights: Weights,
  kept: (product: Value) => Value,
  modules: readonly string[],
  x: Value,
): Value[] {
  const transB = family !== "gpt2"; // gpt2 stores [inputs, outputs]
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
