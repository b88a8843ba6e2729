import type { DecoderFields } from "../config-fields";
import type { Defaults, FamilyDescription } from "../family";
import {
  decoderFields,
  decoderShape,
  llamaDefaults,
  slidingLayers,
  unlessNull,
  writeRopeAndLayers,
} from "../read";
import { llama } from "./llama";

export const qwen2Defaults: Defaults = {
  ...llamaDefaults,
  max_position_embeddings: 32_768,
  sliding_window: 4096,
};

/** Qwen slides only where it is told to, from `max_window_layers` on. */
export function qwenLayers(fields: DecoderFields, file: string) {
  const window = fields.use_sliding_window
    ? unlessNull(fields.sliding_window, qwen2Defaults.sliding_window)
    : null;
  return slidingLayers(fields, window, (layer) => layer >= (fields.max_window_layers ?? 28), file);
}

/** Qwen 2 and 2.5 (arXiv 2407.10671): Llama with biases on queries, keys and values. */
export const qwen2: FamilyDescription = {
  ...llama,
  name: "qwen2",
  architectures: { causal: ["Qwen2ForCausalLM"], score: "Qwen2ForSequenceClassification" },
  defaults: qwen2Defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    return {
      ...decoderShape(fields, qwen2Defaults, file),
      ...qwenLayers(fields, file),
      attention_bias: { qkv: true, output: false },
    };
  },
  write: writeRopeAndLayers,
  tokenizer: { registered: "Qwen2Tokenizer", writtenCounts: false },
};
