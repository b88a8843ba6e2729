import { z } from "zod";
import { decoderSchema, size } from "../config-fields";
import type { Defaults, FamilyDescription } from "../family";
import {
  attentionParameters,
  decoderParameters,
  gatedMlpParameters,
  headNorms,
  norm as normWeight,
} from "../parameters";
import { decoderShape, llamaDefaults, parse, slidingLayers, unlessNull, writeRopeAndLayers } from "../read";
import { decoder, embedTokens, finalNorm, normedHeads, selfAttention } from "./decoder";
import { postNormLayer } from "./olmo2";

const schema = decoderSchema.extend({
  // "LLLG", every fourth layer full, is published; transformers reads the number.
  sliding_window_pattern: z.union([size, z.string().transform((pattern) => pattern.length)]).nullish(),
});

const defaults: Defaults = { ...llamaDefaults, epsilon: 1e-5, sliding_window: 4096 };

/**
 * EXAONE 4 (arXiv 2507.11407): norms after each half of a layer and on every query and key head; where layers slide,
 * only those turn.
 */
export const exaone4: FamilyDescription = {
  ...decoder,
  name: "exaone4",
  architectures: { causal: ["Exaone4ForCausalLM"], score: "Exaone4ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = parse(schema, raw, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    const pattern = fields.sliding_window_pattern ?? 4;
    const layers = slidingLayers(fields, window, (layer) => (layer + 1) % pattern !== 0, file);
    return {
      ...decoderShape(fields, defaults, file),
      ...layers,
      attention_bias: { qkv: false, output: false },
      mlp_bias: false,
      rotated: layers.layer_types.map((type) => window === null || type === "sliding_attention"),
    };
  },
  write: writeRopeAndLayers,
  parameters: (config) =>
    decoderParameters(config, [
      ...attentionParameters(config),
      ...headNorms(config),
      normWeight("post_attention_layernorm", config.hidden_size),
      normWeight("post_feedforward_layernorm", config.hidden_size),
      ...gatedMlpParameters(config),
    ]),
  layers: {
    embed: embedTokens,
    layer: (network, x, index) =>
      postNormLayer(network, x, index, (within, at, input) =>
        selfAttention(within, at, input, normedHeads(within, at)),
      ),
    finalNorm,
  },
};
