/** How families read config.json: fields checked by zod, Llama's meaning of them, and what some families add. */
import type { z } from "zod";
import { EngineError } from "../errors";
import type { Activation, LayerType, ModelConfig, Shape } from "./config";
import { type DecoderFields, decoderSchema } from "./config-fields";
import { everyScaling, type RopeTraits, readRope, ropeFields } from "./config-rope";
import type { Defaults } from "./family";

const activations: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

/** Llama's own; the other rotary families differ from these. */
export const llamaDefaults: Defaults = {
  tied: false,
  theta: 10_000,
  activation: "silu",
  head_dim: null,
  num_key_value_heads: null,
  epsilon: 1e-6,
  max_position_embeddings: 2048,
  sliding_window: null,
  pad_token_id: null,
  eos_token_ids: [],
};

export const decoderFields = (raw: Readonly<Record<string, unknown>>, file: string): DecoderFields =>
  parse(decoderSchema, raw, file);

/** A rotary decoder as Llama reads its config.json; `rope` says where a family's positions differ. */
export function decoderShape(
  fields: DecoderFields,
  defaults: Defaults,
  file: string,
  rope: Partial<RopeTraits> = {},
): Shape {
  if (fields.use_bidirectional_attention) {
    throw new EngineError(`${file}: use_bidirectional_attention is not supported.`);
  }
  const { hidden_size, num_hidden_layers: layers, num_attention_heads: heads } = fields;
  const num_key_value_heads = fields.num_key_value_heads ?? defaults.num_key_value_heads ?? heads;
  if (heads % num_key_value_heads !== 0) {
    throw new EngineError(
      `${file}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${num_key_value_heads}.`,
    );
  }
  const head_dim = fields.head_dim ?? defaults.head_dim ?? hidden_size / heads;
  if (!Number.isInteger(head_dim)) {
    throw new EngineError(
      `${file}: hidden_size ${hidden_size} is not a multiple of num_attention_heads ${heads}.`,
    );
  }
  const { theta, max_position_embeddings } = defaults;
  const bias = fields.attention_bias ?? false;
  return {
    hidden_size,
    intermediate_size: fields.intermediate_size,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads,
    head_dim,
    max_position_embeddings: fields.max_position_embeddings ?? max_position_embeddings,
    norm_eps: fields.rms_norm_eps ?? defaults.epsilon,
    hidden_act: readActivation(fields.hidden_act ?? defaults.activation, file),
    attention_bias: { qkv: bias, output: bias },
    mlp_bias: fields.mlp_bias ?? false,
    rope: readRope(
      { theta, max_position_embeddings, partial: null, localTheta: null, scalings: everyScaling, ...rope },
      fields,
      file,
    ),
    rope_pairs: "halves",
    rotated: everyLayer(layers, true),
    layer_types: everyLayer(layers, "full_attention"),
    sliding_window: null,
    query_scale: head_dim ** -0.5,
    query_growth: null,
    attn_logit_softcapping: fields.attn_logit_softcapping ?? null,
    final_logit_softcapping: fields.final_logit_softcapping ?? null,
    logit_scale: 1,
    multipliers: { embedding: 1, residual: 1 },
    dropout: {
      embedding: fields.embd_pdrop ?? 0,
      attention: fields.attention_dropout ?? 0,
      residual: fields.resid_pdrop ?? 0,
    },
  };
}

export function readActivation(name: string, file: string): Activation {
  const activation = activations[name];
  if (!activation) {
    throw new EngineError(
      `${file}: the activation ${name} is not supported; supported are ${Object.keys(activations).join(", ")}.`,
    );
  }
  return activation;
}

/** Absent means the family's value, null means none. */
export function unlessNull<T>(value: T | null | undefined, absent: T | null): T | null {
  return value === undefined ? absent : value;
}

/**
 * Which layers look back `window` tokens only: those that `layer_types` names, and without it those that the family
 * would make sliding.
 */
export function slidingLayers(
  { layer_types, num_hidden_layers: layers }: DecoderFields,
  window: number | null,
  slides: (layer: number) => boolean,
  file: string,
): Pick<Shape, "layer_types" | "sliding_window"> {
  if (!layer_types) {
    const type = (layer: number): LayerType =>
      window !== null && slides(layer) ? "sliding_attention" : "full_attention";
    return { sliding_window: window, layer_types: Array.from({ length: layers }, (_, layer) => type(layer)) };
  }
  if (layer_types.length !== layers) {
    throw new EngineError(
      `${file}: layer_types names ${layer_types.length} layers, num_hidden_layers ${layers}.`,
    );
  }
  const known = layer_types.map((type) => {
    if (type === "full_attention") return type;
    if (type === "sliding_attention" && window !== null) return type;
    throw new EngineError(
      `${file}: the layer type ${type} is not supported${window === null ? " without sliding_window" : ""}.`,
    );
  });
  return { sliding_window: window, layer_types: known };
}

export const everyLayer = <T>(layers: number, value: T): T[] => Array.from({ length: layers }, () => value);

/** What a rewrite states of a rotary decoder. */
export const writeRope = ({ rope }: ModelConfig) =>
  rope ? { rope_parameters: ropeFields(rope.full_attention) } : {};

/** The same for families whose layers differ in what they see. */
export const writeRopeAndLayers = (config: ModelConfig) => ({
  ...writeRope(config),
  layer_types: config.layer_types,
});

/** The same for families whose layer types have rotations of their own. */
export const writeRopeByLayer = ({ rope, layer_types }: ModelConfig) => ({
  ...(rope
    ? {
        rope_parameters: {
          full_attention: ropeFields(rope.full_attention),
          sliding_attention: ropeFields(rope.sliding_attention),
        },
      }
    : {}),
  layer_types,
});

/** @throws EngineError naming the file and the field that does not fit. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError(`${file}: ${issue.path.join(".")}: ${issue.message}.`);
}
