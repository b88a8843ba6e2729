import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import { activations } from "../layers";
import type { Family, Network } from "../network";
import { attentionLayer, embedTokens, finalNorm, layerName, norm, rotateHeads } from "./decoder";

/** Phi 3 (arXiv 2404.14219): Llama with one projection for queries, keys and values and one for gate and up. */
export const phi3: Family = {
  embed: embedTokens,
  layer(network, x, index) {
    const name = layerName(index);
    const h = ops.add(x, attention(network, index, norm(network, `${name}.input_layernorm`, x)));
    return ops.add(h, mlp(network, index, norm(network, `${name}.post_attention_layernorm`, h)));
  },
  finalNorm,
};

function attention(network: Network, index: number, x: Value): Value {
  const { head_dim, num_attention_heads, num_key_value_heads } = network.config;
  const name = `${layerName(index)}.self_attn`;
  const [queries, keys] = [num_attention_heads * head_dim, num_key_value_heads * head_dim];
  const joint = network.linear(`${name}.qkv_proj`, x);
  const q = rotateHeads(network, index, ops.slice(joint, 1, 0, queries));
  const k = rotateHeads(network, index, ops.slice(joint, 1, queries, queries + keys));
  const v = ops.slice(joint, 1, queries + keys, queries + 2 * keys);
  return network.linear(`${name}.o_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}

function mlp(network: Network, index: number, x: Value): Value {
  const { hidden_act, intermediate_size: wide } = network.config;
  const name = `${layerName(index)}.mlp`;
  const joint = network.linear(`${name}.gate_up_proj`, x);
  const gate = activations[hidden_act](ops.slice(joint, 1, 0, wide));
  return network.linear(`${name}.down_proj`, ops.mul(gate, ops.slice(joint, 1, wide, 2 * wide)));
}
