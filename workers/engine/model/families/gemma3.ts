import type { Defaults, FamilyDescription } from "../family";
import { headNorms } from "../parameters";
import { decoderShape, slidingLayers, unlessNull, writeRopeByLayer } from "../read";
import { normedHeads } from "./decoder";
import {
  gemma2,
  gemma2Defaults,
  gemmaFields,
  gemmaLayer,
  gemmaLayers,
  gemmaNorm,
  gemmaParameters,
  gemmaScale,
} from "./gemma2";

const defaults: Defaults = { ...gemma2Defaults, theta: 1_000_000, max_position_embeddings: 131_072 };

/**
 * Gemma 3, text only (arXiv 2503.19786): Gemma 2 with norms on query and key heads instead of soft caps; its local
 * layers turn by frequencies of their own.
 */
export const gemma3: FamilyDescription = {
  ...gemma2,
  name: "gemma3_text",
  architectures: { causal: ["Gemma3ForCausalLM"], score: "Gemma3TextForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = gemmaFields(raw, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    const pattern = fields.sliding_window_pattern ?? fields._sliding_window_pattern ?? 6;
    return {
      ...decoderShape(fields, defaults, file, { localTheta: fields.rope_local_base_freq ?? 10_000 }),
      ...slidingLayers(fields, window, (layer) => (layer + 1) % pattern !== 0, file),
      query_scale: gemmaScale(fields),
    };
  },
  write: writeRopeByLayer,
  parameters: (config) => gemmaParameters(config, headNorms(config)),
  layers: {
    ...gemmaLayers,
    layer: (network, x, index) => gemmaLayer(network, x, index, normedHeads(network, index, gemmaNorm)),
  },
};
