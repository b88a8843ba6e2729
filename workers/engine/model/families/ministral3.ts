import { z } from "zod";
import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import { decoderSchema, ropeSchema } from "../config-fields";
import type { Defaults, FamilyDescription } from "../family";
import type { Network } from "../network";
import { decoderShape, llamaDefaults, parse, slidingLayers, unlessNull, writeRope } from "../read";
import { embedTokens, finalNorm, preNormLayer } from "./decoder";
import { llama } from "./llama";

const defaults: Defaults = {
  ...llamaDefaults,
  theta: 1_000_000,
  head_dim: 128,
  num_key_value_heads: 8,
  epsilon: 1e-5,
  max_position_embeddings: 262_144,
  pad_token_id: 11,
};

const rope = ropeSchema.extend({ llama_4_scaling_beta: z.number().nullish() });
const schema = decoderSchema.extend({ rope_parameters: rope.nullish() });

/** What a configuration without rope_parameters means. */
const published = {
  rope_type: "yarn",
  rope_theta: defaults.theta,
  factor: 16,
  original_max_position_embeddings: 16_384,
  beta_fast: 32,
  beta_slow: 1,
  mscale: 1,
  mscale_all_dim: 1,
  llama_4_scaling_beta: 0.1,
};

/** Ministral 3, text only (Mistral AI, 2025): Mistral whose queries grow with the distance from the start. */
export const ministral3: FamilyDescription = {
  ...llama,
  name: "ministral3",
  architectures: { causal: ["Ministral3ForCausalLM"], score: "Ministral3ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = parse(schema, { ...raw, rope_parameters: raw.rope_parameters ?? published }, file);
    const window = unlessNull(fields.sliding_window, defaults.sliding_window);
    const { llama_4_scaling_beta: beta, original_max_position_embeddings: original } =
      fields.rope_parameters ?? {};
    return {
      ...decoderShape(fields, defaults, file),
      ...slidingLayers({ ...fields, layer_types: null }, window, () => true, file),
      query_growth: beta && original ? { beta, original } : null,
    };
  },
  write(config) {
    const { rope_parameters } = writeRope(config);
    const beta = config.query_growth?.beta;
    return {
      rope_parameters: { ...rope_parameters, ...(beta === undefined ? {} : { llama_4_scaling_beta: beta }) },
    };
  },
  tokenizer: { registered: "file", writtenCounts: false },
  layers: {
    embed: embedTokens,
    layer: (network, x, index) => preNormLayer(network, x, index, { turned: (q) => grown(network, q) }),
    finalNorm,
  },
};

/** q · (1 + β · ln(1 + ⌊position / original⌋)), [tokens, heads · features]. */
function grown({ config, positions }: Network, q: Value): Value {
  if (!config.query_growth) return q;
  const { beta, original } = config.query_growth;
  const stretches = ops.cast(ops.div(positions, ops.integers(original)), "float32");
  const factor = ops.add(1, ops.mul(ops.log(ops.add(1, stretches)), beta));
  return ops.mul(q, ops.unsqueeze(factor, 1));
}
