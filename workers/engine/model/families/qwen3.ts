import type { ModelConfig } from "../config";
import type { Defaults, FamilyDescription } from "../family";
import {
  attentionParameters,
  decoderParameters,
  gatedMlpParameters,
  headNorms,
  norm as normWeight,
} from "../parameters";
import { decoderFields, decoderShape, writeRopeAndLayers } from "../read";
import { decoder, embedTokens, finalNorm, normedHeads, preNormLayer } from "./decoder";
import { qwen2Defaults, qwenLayers } from "./qwen2";

const defaults: Defaults = { ...qwen2Defaults, head_dim: 128 };

/** Qwen 3, dense (arXiv 2505.09388): Llama with a norm on every query and key head. */
export const qwen3: FamilyDescription = {
  ...decoder,
  name: "qwen3",
  architectures: { causal: ["Qwen3ForCausalLM"], score: "Qwen3ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    return { ...decoderShape(fields, defaults, file), ...qwenLayers(fields, file) };
  },
  write: writeRopeAndLayers,
  parameters: (config: ModelConfig) =>
    decoderParameters(config, [
      normWeight("input_layernorm", config.hidden_size),
      ...attentionParameters(config),
      ...headNorms(config),
      normWeight("post_attention_layernorm", config.hidden_size),
      ...gatedMlpParameters(config),
    ]),
  tokenizer: { registered: "Qwen2Tokenizer", writtenCounts: true },
  layers: {
    embed: embedTokens,
    layer: (network, x, index) => preNormLayer(network, x, index, normedHeads(network, index)),
    finalNorm,
  },
};
