/** Rotary positions between config.json's layouts and ours. */
import { EngineError } from "../errors";
import type { LayerType } from "./config";
import { type DecoderFields, type RopeFields, ropeSchema } from "./config-fields";
import { type RopeConfig, type RopeScaling, yarnAttentionFactor } from "./rope";

/** What a family says of its rotary positions. */
export interface RopeTraits {
  readonly theta: number;
  readonly max_position_embeddings: number;
  /** The share of a head that turns where config.json says nothing; null where the family turns all of it. */
  readonly partial: number | null;
  /** θ of sliding layers that turn by their own, unscaled frequencies; null where all layers share one. */
  readonly localTheta: number | null;
  readonly scalings: readonly RopeScaling["type"][];
}

export const everyScaling = ["default", "linear", "llama3", "yarn"] as const;

type Where = { readonly traits: RopeTraits; readonly fields: DecoderFields; readonly file: string };

export function readRope(
  traits: RopeTraits,
  fields: DecoderFields,
  file: string,
): Record<LayerType, RopeConfig> {
  const where = { traits, fields, file };
  const theta = fields.rope_theta ?? traits.theta;
  const given = fields.rope_parameters;
  if (given && ("full_attention" in given || "sliding_attention" in given)) {
    return {
      full_attention: ropeConfig(given.full_attention ?? {}, theta, where),
      sliding_attention: ropeConfig(given.sliding_attention ?? {}, traits.localTheta ?? theta, where),
    };
  }
  const full = ropeConfig(fields.rope_scaling ?? ropeSchema.parse(given ?? {}), theta, where);
  return {
    full_attention: full,
    sliding_attention: traits.localTheta === null ? full : ropeConfig({}, traits.localTheta, where),
  };
}

function ropeConfig(rope: RopeFields, theta: number, where: Where): RopeConfig {
  const { traits, fields, file } = where;
  const scaling = ropeScaling(rope, where);
  const share = rope.partial_rotary_factor ?? fields.partial_rotary_factor;
  // transformers' plain rotation does not ask for a share where the family has none; its scaled ones break on it.
  if (traits.partial === null && (share ?? 1) !== 1 && scaling.type !== "default") {
    throw new EngineError(
      `${file}: partial_rotary_factor ${share} has no place in ${fields.model_type} with rope scaling ${scaling.type}: remove it.`,
    );
  }
  return {
    theta: rope.rope_theta ?? theta,
    partial_rotary_factor: traits.partial === null ? 1 : (share ?? traits.partial),
    scaling,
  };
}

function ropeScaling(rope: RopeFields, { traits, fields, file }: Where): RopeScaling {
  const type = rope.rope_type ?? rope.type ?? "default";
  const known = traits.scalings.find((scaling) => scaling === type);
  if (known === undefined) {
    throw new EngineError(
      `${file}: rope scaling ${type} is not supported for ${fields.model_type}; supported are ${traits.scalings.join(", ")}.`,
    );
  }
  const needs = (value: number | null | undefined, name: string): number => {
    if (value !== null && value !== undefined) return value;
    throw new EngineError(`${file}: rope scaling ${known} needs ${name}.`);
  };
  const max_position_embeddings = fields.max_position_embeddings ?? traits.max_position_embeddings;
  const original_max_position_embeddings =
    rope.original_max_position_embeddings ??
    fields.original_max_position_embeddings ??
    max_position_embeddings;
  switch (known) {
    case "default":
      return { type: known };
    case "linear":
      return { type: known, factor: needs(rope.factor, "factor") };
    case "llama3":
      return {
        type: known,
        factor: needs(rope.factor, "factor"),
        low_freq_factor: needs(rope.low_freq_factor, "low_freq_factor"),
        high_freq_factor: needs(rope.high_freq_factor, "high_freq_factor"),
        original_max_position_embeddings,
      };
    case "yarn": {
      const factor = rope.factor ?? max_position_embeddings / original_max_position_embeddings;
      const { mscale, mscale_all_dim } = rope;
      const byScale =
        mscale && mscale_all_dim
          ? yarnAttentionFactor(factor, mscale) / yarnAttentionFactor(factor, mscale_all_dim)
          : yarnAttentionFactor(factor);
      return {
        type: known,
        factor,
        original_max_position_embeddings,
        beta_fast: rope.beta_fast || 32,
        beta_slow: rope.beta_slow || 1,
        attention_factor: rope.attention_factor ?? byScale,
        truncate: rope.truncate ?? true,
      };
    }
  }
}

/** `rope_parameters` of one layer type as transformers 5 writes them. */
export function ropeFields({ theta, partial_rotary_factor, scaling }: RopeConfig): Record<string, unknown> {
  const { type, ...stretch } = scaling;
  return {
    rope_theta: theta,
    rope_type: type,
    ...(partial_rotary_factor === 1 ? {} : { partial_rotary_factor }),
    ...stretch,
  };
}
