import { z } from "zod";
import { EngineError } from "../../errors";
import { decoderSchema, size } from "../config-fields";
import type { Defaults, FamilyDescription } from "../family";
import { decoderShape, llamaDefaults, parse, slidingLayers, writeRopeAndLayers } from "../read";
import { llama } from "./llama";

const schema = decoderSchema.extend({
  no_rope_layers: z.array(z.int().min(0).max(1)).nullish(),
  no_rope_layer_interval: size.nullish(),
});

const defaults: Defaults = {
  ...llamaDefaults,
  tied: true,
  theta: 2_000_000,
  num_key_value_heads: 4,
  max_position_embeddings: 32_768,
  pad_token_id: 128_004,
};

/** SmolLM 3 (Hugging Face): Llama in which every fourth layer turns nothing (arXiv 2501.18795). */
export const smollm3: FamilyDescription = {
  ...llama,
  name: "smollm3",
  architectures: { causal: ["SmolLM3ForCausalLM"], score: "SmolLM3ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = parse(schema, raw, file);
    const { num_hidden_layers: layers, no_rope_layer_interval, no_rope_layers: named } = fields;
    if (named && named.length < layers) {
      throw new EngineError(
        `${file}: no_rope_layers names ${named.length} layers, num_hidden_layers ${layers}.`,
      );
    }
    const interval = no_rope_layer_interval ?? 4;
    const turns = (layer: number) => (named ? named[layer] === 1 : (layer + 1) % interval !== 0);
    const window = fields.use_sliding_window ? (fields.sliding_window ?? null) : null;
    return {
      ...decoderShape(fields, defaults, file),
      ...slidingLayers(fields, window, (layer) => !turns(layer), file),
      rotated: Array.from({ length: layers }, (_, layer) => turns(layer)),
    };
  },
  write: writeRopeAndLayers,
  tokenizer: { registered: null, writtenCounts: true },
};
