/** The steps that the rotary families share, and what their descriptions have in common. */

import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { AttentionLayer } from "../attention";
import type { ModelConfig } from "../config";
import type { FamilyDescription } from "../family";
import { activations, joinHeads, rmsNorm, rotate, splitHeads } from "../layers";
import type { Network } from "../network";
import {
  attentionParameters,
  decoderParameters,
  gatedMlpParameters,
  norm as normWeight,
} from "../parameters";
import { writeRope } from "../read";

type Common = Omit<
  FamilyDescription,
  "name" | "architectures" | "defaults" | "read" | "parameters" | "layers"
>;

/** What a rotary decoder is unless its family says otherwise. */
export const decoder: Common = {
  write: writeRope,
  fieldNames: {},
  prefix: "model.",
  embedding: "model.embed_tokens.weight",
  transposed: false,
  loraTargets: ["q_proj", "v_proj"],
  initialise: { norm: 1, shrink: () => 1 },
  tokenizer: { registered: null, writtenCounts: true },
};

/** Llama's weights: a norm before each half of a layer. */
export const llamaParameters = (config: ModelConfig) =>
  decoderParameters(config, [
    normWeight("input_layernorm", config.hidden_size),
    ...attentionParameters(config),
    normWeight("post_attention_layernorm", config.hidden_size),
    ...gatedMlpParameters(config),
  ]);

export const layerName = (index: number) => `model.layers.${index}`;

/**
 * Rows of the embedding. As in torch, looking up the padding token does not train its row, and models use that token
 * for more: SmolLM2's ends every turn of a chat.
 */
export function embedTokens({ config, parameter }: Network, ids: Value): Value {
  const states = ops.gather(parameter("model.embed_tokens.weight"), ids);
  const padding = config.padding_idx;
  if (padding === null) return states;
  const isPadding = () => ops.unsqueeze(ops.equal(ids, ops.integers(padding)), 1);
  return { ...states, backward: { of: [states], rule: (g) => [ops.where(isPadding(), 0, g)] } };
}

export const norm = ({ config, parameter }: Network, name: string, x: Value) =>
  rmsNorm(x, parameter(`${name}.weight`), config.norm_eps);

export const finalNorm = (network: Network, x: Value) => norm(network, "model.norm", x);

/** What the attention of layer `index` needs to know. */
export function attentionLayer(config: ModelConfig, index: number): AttentionLayer {
  return {
    index,
    heads: {
      query: config.num_attention_heads,
      key: config.num_key_value_heads,
      features: config.head_dim,
    },
    scale: config.query_scale,
    window: config.layer_types[index] === "sliding_attention" ? config.sliding_window : null,
    softcap: config.attn_logit_softcapping,
  };
}

/** Turns every head by the positions, after `prepare` where a family normalises its heads; some layers turn nothing. */
export function rotateHeads(
  { config, rotations }: Network,
  index: number,
  x: Value,
  prepare?: Change,
): Value {
  if (!rotations) throw new Error("this family needs rotary positions");
  if (!config.rotated[index]) return prepare ? joinHeads(prepare(splitHeads(x, config.head_dim))) : x;
  const heads = splitHeads(x, config.head_dim);
  const rotation = rotations[config.layer_types[index]];
  return joinHeads(rotate(prepare ? prepare(heads) : heads, rotation, config.rope_pairs));
}

type Change = (value: Value) => Value;

/** What a family does to queries and keys on the way to its attention. */
export interface AttentionSteps {
  /** The heads before they turn, [tokens, heads, features]. */
  readonly query?: Change;
  readonly key?: Change;
  /** The queries once they have turned, [tokens, heads · features]. */
  readonly turned?: Change;
}

/** Attention with separate projections. */
export function selfAttention(
  network: Network,
  index: number,
  x: Value,
  { query: prepareQuery, key: prepareKey, turned = (q) => q }: AttentionSteps = {},
): Value {
  const name = `${layerName(index)}.self_attn`;
  const [query, key, v] = network.linears([`${name}.q_proj`, `${name}.k_proj`, `${name}.v_proj`], x);
  const q = turned(rotateHeads(network, index, query, prepareQuery));
  const k = rotateHeads(network, index, key, prepareKey);
  return network.linear(`${name}.o_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}

/** The steps of families with a norm on every query and key head. */
export function normedHeads(network: Network, index: number, normed: typeof norm = norm): AttentionSteps {
  const name = `${layerName(index)}.self_attn`;
  return {
    query: (heads) => normed(network, `${name}.q_norm`, heads),
    key: (heads) => normed(network, `${name}.k_norm`, heads),
  };
}

/** down(activation(gate x) · up x) (Shazeer, arXiv 2002.05202). */
export function gatedMlp(network: Network, index: number, x: Value): Value {
  const name = `${layerName(index)}.mlp`;
  const [gate, up] = network.linears([`${name}.gate_proj`, `${name}.up_proj`], x);
  return network.linear(`${name}.down_proj`, ops.mul(activations[network.config.hidden_act](gate), up));
}

/** The same with gate and up in one projection. */
export function jointMlp(network: Network, index: number, x: Value): Value {
  const { hidden_act, intermediate_size: wide } = network.config;
  const name = `${layerName(index)}.mlp`;
  const joint = network.linear(`${name}.gate_up_proj`, x);
  const gate = activations[hidden_act](ops.slice(joint, 1, 0, wide));
  return network.linear(`${name}.down_proj`, ops.mul(gate, ops.slice(joint, 1, wide, 2 * wide)));
}

/** A layer that normalises before each half, as Llama does; `add` joins a half to the residual stream. */
export function preNormLayer(
  network: Network,
  x: Value,
  index: number,
  steps: AttentionSteps = {},
  add: (x: Value, branch: Value) => Value = ops.add,
): Value {
  const name = layerName(index);
  const h = add(x, selfAttention(network, index, norm(network, `${name}.input_layernorm`, x), steps));
  return add(h, gatedMlp(network, index, norm(network, `${name}.post_attention_layernorm`, h)));
}
