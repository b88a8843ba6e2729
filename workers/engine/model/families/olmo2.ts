import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { ModelConfig } from "../config";
import type { Defaults, FamilyDescription, Layers } from "../family";
import type { Network } from "../network";
import {
  attentionParameters,
  decoderParameters,
  gatedMlpParameters,
  norm as normWeight,
  projections,
} from "../parameters";
import { decoderFields, decoderShape, llamaDefaults } from "../read";
import {
  attentionLayer,
  decoder,
  embedTokens,
  finalNorm,
  gatedMlp,
  layerName,
  norm,
  rotateHeads,
} from "./decoder";

export const olmo2Defaults: Defaults = { ...llamaDefaults, epsilon: 1e-5, pad_token_id: 1 };

/** A layer that normalises what each half adds, and nothing before. */
export function postNormLayer(
  network: Network,
  x: Value,
  index: number,
  attention: (network: Network, index: number, x: Value) => Value,
): Value {
  const name = layerName(index);
  const h = ops.add(x, norm(network, `${name}.post_attention_layernorm`, attention(network, index, x)));
  return ops.add(h, norm(network, `${name}.post_feedforward_layernorm`, gatedMlp(network, index, h)));
}

const olmoLayers: Layers = {
  embed: embedTokens,
  layer: (network, x, index) => postNormLayer(network, x, index, attention),
  finalNorm,
};

/** OLMo 2 (arXiv 2501.00656): norms after each half, and on the whole of queries and keys. */
export const olmo2: FamilyDescription = {
  ...decoder,
  name: "olmo2",
  architectures: { causal: ["Olmo2ForCausalLM"], score: "Olmo2ForSequenceClassification" },
  defaults: olmo2Defaults,
  read: (raw, file) => ({ ...decoderShape(decoderFields(raw, file), olmo2Defaults, file), mlp_bias: false }),
  parameters(config: ModelConfig) {
    const { queries, keys } = projections(config);
    return decoderParameters(config, [
      ...attentionParameters(config),
      normWeight("self_attn.q_norm", queries),
      normWeight("self_attn.k_norm", keys),
      normWeight("post_attention_layernorm", config.hidden_size),
      normWeight("post_feedforward_layernorm", config.hidden_size),
      ...gatedMlpParameters(config),
    ]);
  },
  tokenizer: { registered: "file", writtenCounts: false },
  layers: olmoLayers,
};

function attention(network: Network, index: number, x: Value): Value {
  const name = `${layerName(index)}.self_attn`;
  const [query, key, v] = network.linears([`${name}.q_proj`, `${name}.k_proj`, `${name}.v_proj`], x);
  const q = rotateHeads(network, index, norm(network, `${name}.q_norm`, query));
  const k = rotateHeads(network, index, norm(network, `${name}.k_norm`, key));
  return network.linear(`${name}.o_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}
