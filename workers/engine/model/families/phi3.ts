import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { Defaults, FamilyDescription } from "../family";
import type { Network } from "../network";
import {
  decoderParameters,
  jointMlpParameters,
  linear,
  norm as normWeight,
  projections,
} from "../parameters";
import { decoderFields, decoderShape, llamaDefaults, slidingLayers, unlessNull, writeRope } from "../read";
import {
  attentionLayer,
  decoder,
  embedTokens,
  finalNorm,
  jointMlp,
  layerName,
  norm,
  rotateHeads,
} from "./decoder";

const defaults: Defaults = {
  ...llamaDefaults,
  epsilon: 1e-5,
  max_position_embeddings: 4096,
  pad_token_id: 32_000,
};

/** Phi 3 (arXiv 2404.14219): Llama with one projection for queries, keys and values and one for gate and up. */
export const phi3: FamilyDescription = {
  ...decoder,
  name: "phi3",
  architectures: { causal: ["Phi3ForCausalLM"], score: "Phi3ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    return {
      ...decoderShape(fields, defaults, file, { partial: 1, scalings: ["default", "linear", "llama3"] }),
      ...slidingLayers({ ...fields, layer_types: null }, window, () => true, file),
      attention_bias: { qkv: false, output: false },
      mlp_bias: false,
    };
  },
  write(config) {
    const { rope_parameters } = writeRope(config);
    const partial_rotary_factor = config.rope?.full_attention.partial_rotary_factor;
    return { rope_parameters: { ...rope_parameters, partial_rotary_factor } };
  },
  parameters(config) {
    const { queries, keys } = projections(config);
    return decoderParameters(config, [
      normWeight("input_layernorm", config.hidden_size),
      ...linear("self_attn.qkv_proj", queries + 2 * keys, config.hidden_size, false),
      ...linear("self_attn.o_proj", config.hidden_size, queries, false),
      normWeight("post_attention_layernorm", config.hidden_size),
      ...jointMlpParameters(config),
    ]);
  },
  loraTargets: ["qkv_proj"],
  tokenizer: { registered: "file", writtenCounts: false },
  layers: {
    embed: embedTokens,
    layer(network, x, index) {
      const name = layerName(index);
      const h = ops.add(x, attention(network, index, norm(network, `${name}.input_layernorm`, x)));
      return ops.add(h, jointMlp(network, index, norm(network, `${name}.post_attention_layernorm`, h)));
    },
    finalNorm,
  },
};

function attention(network: Network, index: number, x: Value): Value {
  const name = `${layerName(index)}.self_attn`;
  const { queries, keys } = projections(network.config);
  const joint = network.linear(`${name}.qkv_proj`, x);
  const q = rotateHeads(network, index, ops.slice(joint, 1, 0, queries));
  const k = rotateHeads(network, index, ops.slice(joint, 1, queries, queries + keys));
  const v = ops.slice(joint, 1, queries + keys, queries + 2 * keys);
  return network.linear(`${name}.o_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}
