import type { FamilyDescription, Layers } from "../family";
import { decoderFields, decoderShape, llamaDefaults } from "../read";
import { decoder, embedTokens, finalNorm, llamaParameters, preNormLayer } from "./decoder";

const llamaLayers: Layers = {
  embed: embedTokens,
  layer: (network, x, index) => preNormLayer(network, x, index),
  finalNorm,
};

/** Llama (arXiv 2302.13971, 2407.21783), and what is shaped like it: SmolLM, TinyLlama. */
export const llama: FamilyDescription = {
  ...decoder,
  name: "llama",
  architectures: { causal: ["LlamaForCausalLM"], score: "LlamaForSequenceClassification" },
  defaults: llamaDefaults,
  read: (raw, file) => decoderShape(decoderFields(raw, file), llamaDefaults, file),
  parameters: llamaParameters,
  layers: llamaLayers,
};
