import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { Defaults, FamilyDescription } from "../family";
import type { Network } from "../network";
import {
  attentionParameters,
  decoderParameters,
  jointMlpParameters,
  norm as normWeight,
} from "../parameters";
import { decoderFields, decoderShape, llamaDefaults } from "../read";
import { decoder, embedTokens, finalNorm, jointMlp, layerName, norm, selfAttention } from "./decoder";

const defaults: Defaults = {
  ...llamaDefaults,
  head_dim: 128,
  num_key_value_heads: 2,
  epsilon: 1.5625e-7,
  max_position_embeddings: 131_072,
  pad_token_id: 151_329,
  eos_token_ids: [151_329, 151_336, 151_338],
};

/** GLM 4 dense (arXiv 2406.12793): neighbouring features turn, half of each head; norms around each half of a layer. */
export const glm4: FamilyDescription = {
  ...decoder,
  name: "glm4",
  architectures: { causal: ["Glm4ForCausalLM"], score: "Glm4ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    return {
      ...decoderShape(fields, defaults, file, { partial: 0.5 }),
      attention_bias: { qkv: fields.attention_bias ?? true, output: false },
      mlp_bias: false,
      rope_pairs: "neighbours",
    };
  },
  parameters(config) {
    const { hidden_size: hidden } = config;
    return decoderParameters(config, [
      normWeight("input_layernorm", hidden),
      ...attentionParameters(config),
      normWeight("post_self_attn_layernorm", hidden),
      normWeight("post_attention_layernorm", hidden),
      ...jointMlpParameters(config),
      normWeight("post_mlp_layernorm", hidden),
    ]);
  },
  tokenizer: { registered: "file", writtenCounts: false },
  layers: { embed: embedTokens, layer, finalNorm },
};

function layer(network: Network, x: Value, index: number): Value {
  const normed = (name: string, value: Value) => norm(network, `${layerName(index)}.${name}`, value);
  const attended = selfAttention(network, index, normed("input_layernorm", x));
  const h = ops.add(x, normed("post_self_attn_layernorm", attended));
  const fed = jointMlp(network, index, normed("post_attention_layernorm", h));
  return ops.add(h, normed("post_mlp_layernorm", fed));
}
