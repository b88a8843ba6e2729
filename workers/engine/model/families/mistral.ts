import type { Defaults, FamilyDescription } from "../family";
import {
  decoderFields,
  decoderShape,
  llamaDefaults,
  slidingLayers,
  unlessNull,
  writeRope,
  writeRopeAndLayers,
} from "../read";
import { llama } from "./llama";

const defaults: Defaults = {
  ...llamaDefaults,
  num_key_value_heads: 8,
  max_position_embeddings: 131_072,
  sliding_window: 4096,
};

/**
 * Mistral (arXiv 2310.06825): Llama whose layers look back `sliding_window` tokens; where config.json names layer
 * types, only those that slide (transformers then takes its Ministral classes).
 */
export const mistral: FamilyDescription = {
  ...llama,
  name: "mistral",
  architectures: {
    causal: ["MistralForCausalLM", "MinistralForCausalLM"],
    score: "MistralForSequenceClassification",
  },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    return {
      ...decoderShape(fields, defaults, file),
      ...slidingLayers(fields, window, () => true, file),
    };
  },
  write: (config) => (config.raw.layer_types ? writeRopeAndLayers(config) : writeRope(config)),
  tokenizer: { registered: "file", writtenCounts: false },
};
