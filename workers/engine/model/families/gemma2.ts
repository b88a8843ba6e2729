import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import type { ModelConfig, Shape } from "../config";
import type { DecoderFields } from "../config-fields";
import type { Defaults, FamilyDescription, Layers } from "../family";
import { rmsNorm } from "../layers";
import type { Network } from "../network";
import {
  attentionParameters,
  decoderParameters,
  gatedMlpParameters,
  norm as normWeight,
  type Parameter,
} from "../parameters";
import {
  decoderFields,
  decoderShape,
  llamaDefaults,
  slidingLayers,
  unlessNull,
  writeRopeAndLayers,
} from "../read";
import { type AttentionSteps, decoder, embedTokens, gatedMlp, layerName, selfAttention } from "./decoder";

export const gemma2Defaults: Defaults = {
  ...llamaDefaults,
  tied: true,
  activation: "gelu_pytorch_tanh",
  head_dim: 256,
  num_key_value_heads: 4,
  max_position_embeddings: 8192,
  sliding_window: 4096,
  pad_token_id: 0,
};

/** Gemma stores its norm weights as their distance from one. */
export const gemmaNorm = ({ config, parameter }: Network, name: string, x: Value) =>
  rmsNorm(x, ops.add(parameter(`${name}.weight`), 1), config.norm_eps);

export const gemmaLayers: Layers = {
  embed: (network, ids) => ops.mul(embedTokens(network, ids), Math.sqrt(network.config.hidden_size)),
  layer: (network, x, index) => gemmaLayer(network, x, index),
  finalNorm: (network, x) => gemmaNorm(network, "model.norm", x),
};

/**
 * Gemma 2 (arXiv 2408.00118): scaled embeddings, norms before and after each half of a layer, soft caps on
 * scores and logits, every other layer sliding.
 */
export const gemma2: FamilyDescription = {
  ...decoder,
  name: "gemma2",
  architectures: { causal: ["Gemma2ForCausalLM"], score: "Gemma2ForSequenceClassification" },
  defaults: gemma2Defaults,
  read(raw, file) {
    const fields = gemmaFields(raw, file);
    const window = unlessNull(fields.sliding_window, gemma2Defaults.sliding_window);
    return {
      ...decoderShape(fields, gemma2Defaults, file),
      ...slidingLayers(fields, window, (layer) => layer % 2 === 0, file),
      query_scale: gemmaScale(fields),
      attn_logit_softcapping: unlessNull(fields.attn_logit_softcapping, 50),
      final_logit_softcapping: unlessNull(fields.final_logit_softcapping, 30),
    };
  },
  write: writeRopeAndLayers,
  parameters: (config) => gemmaParameters(config, []),
  initialise: { norm: 0, shrink: () => 1 },
  tokenizer: { registered: "GemmaTokenizer", writtenCounts: true },
  layers: gemmaLayers,
};

/** Gemma's own name for its activation counts before the usual one. */
export function gemmaFields(raw: Readonly<Record<string, unknown>>, file: string): DecoderFields {
  const fields = decoderFields(raw, file);
  return { ...fields, hidden_act: fields.hidden_activation ?? fields.hidden_act };
}

export const gemmaScale = ({ query_pre_attn_scalar }: DecoderFields): Shape["query_scale"] =>
  (query_pre_attn_scalar ?? 256) ** -0.5;

export function gemmaParameters(config: ModelConfig, headNorms: readonly Parameter[]): Parameter[] {
  const { hidden_size: hidden } = config;
  return decoderParameters(config, [
    normWeight("input_layernorm", hidden),
    ...attentionParameters(config),
    ...headNorms,
    normWeight("post_attention_layernorm", hidden),
    normWeight("pre_feedforward_layernorm", hidden),
    normWeight("post_feedforward_layernorm", hidden),
    ...gatedMlpParameters(config),
  ]);
}

export function gemmaLayer(network: Network, x: Value, index: number, steps: AttentionSteps = {}): Value {
  const normed = (name: string, value: Value) => gemmaNorm(network, `${layerName(index)}.${name}`, value);
  const attended = selfAttention(network, index, normed("input_layernorm", x), steps);
  const h = ops.add(x, normed("post_attention_layernorm", attended));
  const fed = gatedMlp(network, index, normed("pre_feedforward_layernorm", h));
  return ops.add(h, normed("post_feedforward_layernorm", fed));
}
