/** Rotary positions between config.json's layouts and ours. */

import { EngineError } from "../errors";
import type { LayerType } from "./config";
import { type DecoderFields, type RopeFields, ropeSchema } from "./config-fields";
import { type Family, familyDefaults } from "./family-defaults";
import { type RopeConfig, type RopeScaling, yarnAttentionFactor } from "./rope";

/** Gemma 3 turns its local layers by their own, unscaled frequencies; elsewhere both types share one. */
export function readRope(family: Family, fields: DecoderFields, file: string): Record<LayerType, RopeConfig> {
  const theta = fields.rope_theta ?? familyDefaults[family].theta;
  const localTheta = family === "gemma3_text" ? (fields.rope_local_base_freq ?? 10_000) : theta;
  const given = fields.rope_parameters;
  if (given && ("full_attention" in given || "sliding_attention" in given)) {
    return {
      full_attention: ropeConfig(family, given.full_attention ?? {}, theta, fields, file),
      sliding_attention: ropeConfig(family, given.sliding_attention ?? {}, localTheta, fields, file),
    };
  }
  const shared: RopeFields = fields.rope_scaling ?? ropeSchema.parse(given ?? {});
  const full = ropeConfig(family, shared, theta, fields, file);
  return {
    full_attention: full,
    sliding_attention: family === "gemma3_text" ? ropeConfig(family, {}, localTheta, fields, file) : full,
  };
}

function ropeConfig(
  family: Family,
  rope: RopeFields,
  theta: number,
  fields: DecoderFields,
  file: string,
): RopeConfig {
  return {
    theta: rope.rope_theta ?? theta,
    partial_rotary_factor: rope.partial_rotary_factor ?? fields.partial_rotary_factor ?? 1,
    scaling: ropeScaling(family, rope, fields, file),
  };
}

function ropeScaling(family: Family, rope: RopeFields, fields: DecoderFields, file: string): RopeScaling {
  const type = rope.rope_type ?? rope.type ?? "default";
  if (type === "default") return { type };
  const needs = (value: number | null | undefined, name: string): number => {
    if (value !== null && value !== undefined) return value;
    throw new EngineError(`${file}: rope scaling ${type} needs ${name}.`);
  };
  const max_position_embeddings =
    fields.max_position_embeddings ?? familyDefaults[family].max_position_embeddings;
  const original_max_position_embeddings =
    rope.original_max_position_embeddings ??
    fields.original_max_position_embeddings ??
    max_position_embeddings;
  if (type === "linear") return { type, factor: needs(rope.factor, "factor") };
  if (type === "llama3") {
    return {
      type,
      factor: needs(rope.factor, "factor"),
      low_freq_factor: needs(rope.low_freq_factor, "low_freq_factor"),
      high_freq_factor: needs(rope.high_freq_factor, "high_freq_factor"),
      original_max_position_embeddings,
    };
  }
  if (type === "yarn" && family !== "phi3") {
    const factor = rope.factor ?? max_position_embeddings / original_max_position_embeddings;
    const { mscale, mscale_all_dim } = rope;
    const byScale =
      mscale && mscale_all_dim
        ? yarnAttentionFactor(factor, mscale) / yarnAttentionFactor(factor, mscale_all_dim)
        : yarnAttentionFactor(factor);
    return {
      type,
      factor,
      original_max_position_embeddings,
      beta_fast: rope.beta_fast || 32,
      beta_slow: rope.beta_slow || 1,
      attention_factor: rope.attention_factor ?? byScale,
      truncate: rope.truncate ?? true,
    };
  }
  throw new EngineError(
    `${file}: rope scaling ${type} is not supported for ${family}; supported are default, linear, llama3 and yarn.`,
  );
}

export function ropeParameters(
  rope: Readonly<Record<LayerType, RopeConfig>>,
  family: Family,
): Record<string, unknown> {
  return family === "gemma3_text"
    ? {
        full_attention: ropeFields(rope.full_attention),
        sliding_attention: ropeFields(rope.sliding_attention),
      }
    : {
        ...ropeFields(rope.full_attention),
        ...(family === "phi3" ? { partial_rotary_factor: rope.full_attention.partial_rotary_factor } : {}),
      };
}

function ropeFields({ theta, partial_rotary_factor, scaling }: RopeConfig): Record<string, unknown> {
  const { type, ...stretch } = scaling;
  return {
    rope_theta: theta,
    rope_type: type,
    ...(partial_rotary_factor === 1 ? {} : { partial_rotary_factor }),
    ...stretch,
  };
}
