import type { Defaults, FamilyDescription } from "../family";
import { decoderFields, decoderShape, slidingLayers, unlessNull, writeRopeByLayer } from "../read";
import { olmo2, olmo2Defaults } from "./olmo2";

const defaults: Defaults = { ...olmo2Defaults, theta: 500_000, sliding_window: 4096 };

/** OLMo 3 (Ai2, 2025): OLMo 2 of which three layers in four slide; only the full ones have their positions scaled. */
export const olmo3: FamilyDescription = {
  ...olmo2,
  name: "olmo3",
  architectures: { causal: ["Olmo3ForCausalLM"], score: "Olmo3ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    return {
      // transformers gives sliding layers its own θ even where the older layout names another.
      ...decoderShape(fields, defaults, file, { localTheta: defaults.theta }),
      ...slidingLayers(fields, window, (layer) => (layer + 1) % 4 !== 0, file),
      mlp_bias: false,
    };
  },
  write: writeRopeByLayer,
};
