import { z } from "zod";
import * as ops from "../../graph/ops";
import { decoderSchema } from "../config-fields";
import type { FamilyDescription } from "../family";
import { decoderShape, llamaDefaults, parse } from "../read";
import { decoder, embedTokens, finalNorm, llamaParameters, preNormLayer } from "./decoder";

const schema = decoderSchema.extend({
  embedding_multiplier: z.number().positive().nullish(),
  residual_multiplier: z.number().positive().nullish(),
  attention_multiplier: z.number().positive().nullish(),
  logits_scaling: z.number().positive().nullish(),
});

/** Granite 3 and 4 dense (IBM): Llama with factors on embeddings, branches, scores and logits. */
export const granite: FamilyDescription = {
  ...decoder,
  name: "granite",
  architectures: { causal: ["GraniteForCausalLM"], score: null },
  defaults: llamaDefaults,
  read(raw, file) {
    const fields = parse(schema, raw, file);
    return {
      ...decoderShape(fields, llamaDefaults, file),
      query_scale: fields.attention_multiplier ?? 1,
      logit_scale: 1 / (fields.logits_scaling ?? 1),
      multipliers: {
        embedding: fields.embedding_multiplier ?? 1,
        residual: fields.residual_multiplier ?? 1,
      },
    };
  },
  parameters: llamaParameters,
  tokenizer: { registered: "file", writtenCounts: false },
  layers: {
    embed: (network, ids) => ops.mul(embedTokens(network, ids), network.config.multipliers.embedding),
    layer(network, x, index) {
      const { residual } = network.config.multipliers;
      return preNormLayer(network, x, index, {}, (h, branch) => ops.add(h, ops.mul(branch, residual)));
    },
    finalNorm,
  },
};
