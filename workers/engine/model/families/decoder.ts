/** The steps that the rotary families share. */

import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { AttentionLayer } from "../attention";
import type { ModelConfig } from "../config";
import { activations, joinHeads, rmsNorm, rotate, splitHeads } from "../layers";
import type { Network } from "../network";

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

/** Turns every head by the positions, after `prepare` where a family normalises its heads. */
export function rotateHeads(
  { config, rotations }: Network,
  index: number,
  x: Value,
  prepare: (heads: Value) => Value = (heads) => heads,
): Value {
  if (!rotations) throw new Error("this family needs rotary positions");
  return joinHeads(rotate(prepare(splitHeads(x, config.head_dim)), rotations[config.layer_types[index]]));
}

/** Attention with separate projections; `prepare` sees the heads of queries and keys before they turn. */
export function selfAttention(
  network: Network,
  index: number,
  x: Value,
  prepare?: { readonly query: (heads: Value) => Value; readonly key: (heads: Value) => Value },
): Value {
  const name = `${layerName(index)}.self_attn`;
  const [query, key, v] = network.linears([`${name}.q_proj`, `${name}.k_proj`, `${name}.v_proj`], x);
  const q = rotateHeads(network, index, query, prepare?.query);
  const k = rotateHeads(network, index, key, prepare?.key);
  return network.linear(`${name}.o_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}

/** down(activation(gate x) · up x) (Shazeer, arXiv 2002.05202). */
export function gatedMlp(network: Network, index: number, x: Value): Value {
  const name = `${layerName(index)}.mlp`;
  const [gate, up] = network.linears([`${name}.gate_proj`, `${name}.up_proj`], x);
  return network.linear(`${name}.down_proj`, ops.mul(activations[network.config.hidden_act](gate), up));
}
