import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "./errors";
import { readJson } from "./files";
import { type RopeConfig, type RopeScaling, yarnAttentionFactor } from "./rope";

export type Family = "llama" | "mistral" | "qwen2" | "qwen3" | "gemma2" | "gemma3_text" | "gpt2" | "phi3";
export type LayerType = "full_attention" | "sliding_attention";
export type Activation = "silu" | "gelu" | "gelu_tanh";

/** A model's shape, whatever layout its config.json has. Dimensions are counts, names are ours. */
export interface ModelConfig {
  readonly family: Family;
  /** What sits on the last hidden state: `lm_head` or a reward model's `score` (one label, no bias). */
  readonly head: "causal" | "score";
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly max_position_embeddings: number;
  readonly norm_eps: number;
  readonly hidden_act: Activation;
  /** Biases on q, k and v, and on the attention's output projection. */
  readonly attention_bias: { readonly qkv: boolean; readonly output: boolean };
  readonly mlp_bias: boolean;
  /** The language-model head is the embedding matrix and is not stored a second time. */
  readonly tie_word_embeddings: boolean;
  /** Rotary positions by layer type; null when positions are learned (gpt2). */
  readonly rope: Readonly<Record<LayerType, RopeConfig>> | null;
  readonly layer_types: readonly LayerType[];
  /** In sliding layers a query sees the keys less than this far back, itself included. */
  readonly sliding_window: number | null;
  /** Attention scores are multiplied by this. */
  readonly query_scale: number;
  /** scores = cap · tanh(scores / cap), before the mask. */
  readonly attn_logit_softcapping: number | null;
  readonly final_logit_softcapping: number | null;
  /** The model's own dropout, which transformers applies in training when it is not switched off. */
  readonly dropout: { readonly embedding: number; readonly attention: number; readonly residual: number };
  readonly eos_token_ids: readonly number[];
  readonly bos_token_id: number | null;
  readonly pad_token_id: number | null;
  readonly initializer_range: number;
  /** config.json as it was read, so that fields we do not use survive a rewrite. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What differs between the decoder families in transformers' configuration classes. */
interface FamilyDefaults {
  readonly architecture: string;
  readonly scoreArchitecture: string;
  readonly tied: boolean;
  readonly theta: number;
  readonly activation: string;
  readonly head_dim: number | null;
  readonly epsilon: number;
  readonly max_position_embeddings: number;
  readonly sliding_window: number | null;
}

const llamaDefaults: FamilyDefaults = {
  architecture: "LlamaForCausalLM",
  scoreArchitecture: "LlamaForSequenceClassification",
  tied: false,
  theta: 10_000,
  activation: "silu",
  head_dim: null,
  epsilon: 1e-6,
  max_position_embeddings: 2048,
  sliding_window: null,
};

const gemma2Defaults: FamilyDefaults = {
  architecture: "Gemma2ForCausalLM",
  scoreArchitecture: "Gemma2ForSequenceClassification",
  tied: true,
  theta: 10_000,
  activation: "gelu_pytorch_tanh",
  head_dim: 256,
  epsilon: 1e-6,
  max_position_embeddings: 8192,
  sliding_window: 4096,
};

const familyDefaults: Readonly<Record<Family, FamilyDefaults>> = {
  llama: llamaDefaults,
  mistral: {
    ...llamaDefaults,
    architecture: "MistralForCausalLM",
    scoreArchitecture: "MistralForSequenceClassification",
    max_position_embeddings: 131_072,
    sliding_window: 4096,
  },
  qwen2: {
    ...llamaDefaults,
    architecture: "Qwen2ForCausalLM",
    scoreArchitecture: "Qwen2ForSequenceClassification",
    max_position_embeddings: 32_768,
    sliding_window: 4096,
  },
  qwen3: {
    ...llamaDefaults,
    architecture: "Qwen3ForCausalLM",
    scoreArchitecture: "Qwen3ForSequenceClassification",
    head_dim: 128,
    max_position_embeddings: 32_768,
    sliding_window: 4096,
  },
  gemma2: gemma2Defaults,
  gemma3_text: {
    ...gemma2Defaults,
    architecture: "Gemma3ForCausalLM",
    scoreArchitecture: "Gemma3TextForSequenceClassification",
    theta: 1_000_000,
    max_position_embeddings: 131_072,
  },
  gpt2: {
    ...llamaDefaults,
    architecture: "GPT2LMHeadModel",
    scoreArchitecture: "GPT2ForSequenceClassification",
    tied: true,
    activation: "gelu_new",
    epsilon: 1e-5,
    max_position_embeddings: 1024,
  },
  phi3: {
    ...llamaDefaults,
    architecture: "Phi3ForCausalLM",
    scoreArchitecture: "Phi3ForSequenceClassification",
    epsilon: 1e-5,
    max_position_embeddings: 4096,
  },
};

export const families = z.enum([
  "llama",
  "mistral",
  "qwen2",
  "qwen3",
  "gemma2",
  "gemma3_text",
  "gpt2",
  "phi3",
]);

const activations: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

const size = z.int().positive();
const tokenId = z.int().nonnegative();
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

const ropeSchema = z.object({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: z.number().positive().nullish(),
  partial_rotary_factor: z.number().positive().max(1).nullish(),
  factor: z.number().positive().nullish(),
  low_freq_factor: z.number().positive().nullish(),
  high_freq_factor: z.number().positive().nullish(),
  original_max_position_embeddings: size.nullish(),
  beta_fast: z.number().nullish(),
  beta_slow: z.number().nullish(),
  attention_factor: z.number().nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  truncate: z.boolean().nullish(),
});
type RopeFields = z.infer<typeof ropeSchema>;

const generalSchema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: size,
  initializer_range: z.number().nonnegative().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: z.int().nullish(),
  quantization_config: z.unknown().optional(),
  num_labels: size.nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
});

const decoderSchema = generalSchema.extend({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  max_position_embeddings: size.nullish(),
  original_max_position_embeddings: size.nullish(),
  rms_norm_eps: z.number().positive().nullish(),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  attention_dropout: z.number().nullish(),
  embd_pdrop: z.number().nullish(),
  resid_pdrop: z.number().nullish(),
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().nullish(),
  max_window_layers: z.int().nullish(),
  sliding_window_pattern: size.nullish(),
  _sliding_window_pattern: size.nullish(),
  layer_types: z.array(z.string()).nullish(),
  query_pre_attn_scalar: z.number().positive().nullish(),
  attn_logit_softcapping: z.number().positive().nullish(),
  final_logit_softcapping: z.number().positive().nullish(),
  use_bidirectional_attention: z.union([z.boolean(), z.string()]).nullish(),
  rope_theta: z.number().positive().nullish(),
  rope_local_base_freq: z.number().positive().nullish(),
  partial_rotary_factor: z.number().positive().max(1).nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: z
    .union([
      z.object({ full_attention: ropeSchema.nullish(), sliding_attention: ropeSchema.nullish() }).strict(),
      ropeSchema,
    ])
    .nullish(),
});
type Decoder = z.infer<typeof decoderSchema>;

const gpt2Schema = generalSchema.extend({
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_positions: size.nullish(),
  n_inner: size.nullish(),
  activation_function: z.string().nullish(),
  layer_norm_epsilon: z.number().positive().nullish(),
  embd_pdrop: z.number().nullish(),
  attn_pdrop: z.number().nullish(),
  resid_pdrop: z.number().nullish(),
  scale_attn_weights: z.boolean().nullish(),
  scale_attn_by_inverse_layer_idx: z.boolean().nullish(),
  add_cross_attention: z.boolean().nullish(),
});

const generationSchema = z.looseObject({ eos_token_id: tokenIds });

/**
 * Reads `config.json` (and the stop tokens of `generation_config.json`) of a Hugging Face model directory, in
 * the layout of transformers 4 or 5.
 * @throws EngineError naming what is missing, malformed or not supported.
 */
export function readModelConfig(directory: string): ModelConfig {
  const file = join(directory, "config.json");
  const config = parseModelConfig(readJson(file, z.record(z.string(), z.unknown())), file);
  const generationFile = join(directory, "generation_config.json");
  if (!existsSync(generationFile)) return config;
  const stops = asList(readJson(generationFile, generationSchema).eos_token_id);
  return stops.length > 0 ? { ...config, eos_token_ids: stops } : config;
}

/** The same for an object that is already in memory; `file` is named in errors. */
export function parseModelConfig(raw: Record<string, unknown>, file: string): ModelConfig {
  const { model_type, architectures, quantization_config } = parse(
    generalSchema.pick({ model_type: true, architectures: true, quantization_config: true }),
    raw,
    file,
  );
  const family = families.safeParse(model_type);
  if (!family.success) {
    throw new EngineError(
      `${file}: the architecture ${architectures?.[0] ?? model_type} is not supported; supported model types are ${families.options.join(", ")}.`,
    );
  }
  if (quantization_config)
    throw new EngineError(`${file}: quantised checkpoints (quantization_config) are not supported.`);
  const head = readHead(family.data, architectures?.[0], file);
  return family.data === "gpt2"
    ? gpt2Config(parse(gpt2Schema, raw, file), head, file)
    : decoderConfig(family.data, parse(decoderSchema, raw, file), head, file);
}

/** config.json as transformers 5 writes it, for weights stored as `dtype`. */
export function configToWrite(config: ModelConfig, dtype: string): Record<string, unknown> {
  const {
    torch_dtype,
    rope_theta,
    rope_scaling,
    rope_local_base_freq,
    sliding_window_pattern,
    _name_or_path,
    ...kept
  } = config.raw;
  const { architecture, scoreArchitecture } = familyDefaults[config.family];
  return {
    ...kept,
    architectures: [config.head === "score" ? scoreArchitecture : architecture],
    dtype,
    ...(config.head === "score" ? { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } : {}),
    ...(config.pad_token_id === null ? {} : { pad_token_id: config.pad_token_id }),
    ...(config.rope ? { rope_parameters: ropeParameters(config.rope, config.family) } : {}),
    ...(hasLayerTypes(config.family) ? { layer_types: config.layer_types } : {}),
    tie_word_embeddings: config.tie_word_embeddings,
    transformers_version: "5.17.0", // the release whose layout this is
  };
}

function decoderConfig(
  family: Family,
  fields: Decoder,
  head: ModelConfig["head"],
  file: string,
): ModelConfig {
  const defaults = familyDefaults[family];
  const isGemma = family === "gemma2" || family === "gemma3_text";
  if (fields.use_bidirectional_attention) {
    throw new EngineError(`${file}: use_bidirectional_attention is not supported.`);
  }
  const heads = fields.num_attention_heads;
  const num_key_value_heads = fields.num_key_value_heads ?? (isGemma ? 4 : family === "mistral" ? 8 : heads);
  if (heads % num_key_value_heads !== 0) {
    throw new EngineError(
      `${file}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${num_key_value_heads}.`,
    );
  }
  const head_dim = fields.head_dim ?? defaults.head_dim ?? fields.hidden_size / heads;
  if (!Number.isInteger(head_dim)) {
    throw new EngineError(
      `${file}: hidden_size ${fields.hidden_size} is not a multiple of num_attention_heads ${heads}.`,
    );
  }
  const sliding_window = readSlidingWindow(family, fields);
  return {
    ...generalConfig(family, fields, head),
    hidden_size: fields.hidden_size,
    intermediate_size: fields.intermediate_size,
    num_hidden_layers: fields.num_hidden_layers,
    num_attention_heads: heads,
    num_key_value_heads,
    head_dim,
    max_position_embeddings: fields.max_position_embeddings ?? defaults.max_position_embeddings,
    norm_eps: fields.rms_norm_eps ?? defaults.epsilon,
    hidden_act: readActivation(
      (isGemma ? (fields.hidden_activation ?? fields.hidden_act) : fields.hidden_act) ?? defaults.activation,
      file,
    ),
    attention_bias: {
      qkv: family === "qwen2" || (fields.attention_bias ?? false),
      output: family !== "qwen2" && (fields.attention_bias ?? false),
    },
    mlp_bias: fields.mlp_bias ?? false,
    rope: readRope(family, fields, file),
    layer_types: readLayerTypes(family, fields, sliding_window, file),
    sliding_window,
    query_scale: (isGemma ? (fields.query_pre_attn_scalar ?? 256) : head_dim) ** -0.5,
    attn_logit_softcapping:
      family === "gemma2"
        ? softcap(fields.attn_logit_softcapping, 50)
        : (fields.attn_logit_softcapping ?? null),
    final_logit_softcapping:
      family === "gemma2"
        ? softcap(fields.final_logit_softcapping, 30)
        : (fields.final_logit_softcapping ?? null),
    dropout: {
      embedding: fields.embd_pdrop ?? 0,
      attention: fields.attention_dropout ?? 0,
      residual: fields.resid_pdrop ?? 0,
    },
  };
}

function gpt2Config(
  fields: z.infer<typeof gpt2Schema>,
  head: ModelConfig["head"],
  file: string,
): ModelConfig {
  if (
    fields.scale_attn_weights === false ||
    fields.scale_attn_by_inverse_layer_idx ||
    fields.add_cross_attention
  ) {
    throw new EngineError(
      `${file}: scale_attn_weights: false, scale_attn_by_inverse_layer_idx and add_cross_attention are not supported.`,
    );
  }
  const head_dim = fields.n_embd / fields.n_head;
  if (!Number.isInteger(head_dim)) {
    throw new EngineError(`${file}: n_embd ${fields.n_embd} is not a multiple of n_head ${fields.n_head}.`);
  }
  const defaults = familyDefaults.gpt2;
  return {
    ...generalConfig("gpt2", fields, head),
    hidden_size: fields.n_embd,
    intermediate_size: fields.n_inner ?? 4 * fields.n_embd,
    num_hidden_layers: fields.n_layer,
    num_attention_heads: fields.n_head,
    num_key_value_heads: fields.n_head,
    head_dim,
    max_position_embeddings: fields.n_positions ?? defaults.max_position_embeddings,
    norm_eps: fields.layer_norm_epsilon ?? defaults.epsilon,
    hidden_act: readActivation(fields.activation_function ?? defaults.activation, file),
    attention_bias: { qkv: true, output: true },
    mlp_bias: true,
    rope: null,
    layer_types: Array.from({ length: fields.n_layer }, () => "full_attention"),
    sliding_window: null,
    query_scale: head_dim ** -0.5,
    attn_logit_softcapping: null,
    final_logit_softcapping: null,
    dropout: {
      embedding: fields.embd_pdrop ?? 0.1,
      attention: fields.attn_pdrop ?? 0.1,
      residual: fields.resid_pdrop ?? 0.1,
    },
  };
}

function generalConfig(family: Family, fields: z.infer<typeof generalSchema>, head: ModelConfig["head"]) {
  const { architecture, scoreArchitecture, tied } = familyDefaults[family];
  const pad = fields.pad_token_id ?? null;
  return {
    family,
    head,
    vocab_size: fields.vocab_size,
    tie_word_embeddings: fields.tie_word_embeddings ?? tied,
    eos_token_ids: asList(fields.eos_token_id),
    bos_token_id: asList(fields.bos_token_id)[0] ?? null,
    pad_token_id: pad !== null && pad >= 0 ? pad : null, // -1 means none in some old configs
    initializer_range: fields.initializer_range ?? 0.02,
    raw: { ...fields, architectures: [head === "score" ? scoreArchitecture : architecture] },
  };
}

function readHead(family: Family, architecture: string | undefined, file: string): ModelConfig["head"] {
  const { architecture: causal, scoreArchitecture } = familyDefaults[family];
  if (architecture === undefined || architecture === causal || architecture.endsWith("Model"))
    return "causal";
  if (architecture === scoreArchitecture) return "score";
  throw new EngineError(
    `${file}: the architecture ${architecture} is not supported; ${family} loads as ${causal} or ${scoreArchitecture}.`,
  );
}

function readActivation(name: string, file: string): Activation {
  const activation = activations[name];
  if (!activation) {
    throw new EngineError(
      `${file}: the activation ${name} is not supported; supported are ${Object.keys(activations).join(", ")}.`,
    );
  }
  return activation;
}

/** Absent means the family's value, null means none. */
function softcap(value: number | null | undefined, absent: number): number | null {
  return value === undefined ? absent : value;
}

function readSlidingWindow(family: Family, fields: Decoder): number | null {
  if (family === "llama") return null;
  if ((family === "qwen2" || family === "qwen3") && !fields.use_sliding_window) return null;
  return fields.sliding_window === undefined ? familyDefaults[family].sliding_window : fields.sliding_window;
}

function hasLayerTypes(family: Family): boolean {
  return family === "qwen2" || family === "qwen3" || family === "gemma2" || family === "gemma3_text";
}

function readLayerTypes(family: Family, fields: Decoder, window: number | null, file: string): LayerType[] {
  const layers = fields.num_hidden_layers;
  if (hasLayerTypes(family) && fields.layer_types) {
    if (fields.layer_types.length !== layers) {
      throw new EngineError(
        `${file}: layer_types names ${fields.layer_types.length} layers, num_hidden_layers ${layers}.`,
      );
    }
    return fields.layer_types.map((type) => {
      if (type === "full_attention") return type;
      if (type === "sliding_attention" && window !== null) return type;
      throw new EngineError(
        `${file}: the layer type ${type} is not supported${window === null ? " without sliding_window" : ""}.`,
      );
    });
  }
  const isSliding: Readonly<Record<Family, (layer: number) => boolean>> = {
    llama: () => false,
    gpt2: () => false,
    mistral: () => true,
    phi3: () => true,
    qwen2: (layer) => layer >= (fields.max_window_layers ?? 28),
    qwen3: (layer) => layer >= (fields.max_window_layers ?? 28),
    gemma2: (layer) => layer % 2 === 0,
    gemma3_text: (layer) =>
      (layer + 1) % (fields.sliding_window_pattern ?? fields._sliding_window_pattern ?? 6) !== 0,
  };
  return Array.from({ length: layers }, (_, layer) =>
    window !== null && isSliding[family](layer) ? "sliding_attention" : "full_attention",
  );
}

/** Gemma 3 turns its local layers by their own, unscaled frequencies; elsewhere both types share one. */
function readRope(family: Family, fields: Decoder, file: string): Record<LayerType, RopeConfig> {
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
  fields: Decoder,
  file: string,
): RopeConfig {
  return {
    theta: rope.rope_theta ?? theta,
    partial_rotary_factor: rope.partial_rotary_factor ?? fields.partial_rotary_factor ?? 1,
    scaling: ropeScaling(family, rope, fields, file),
  };
}

function ropeScaling(family: Family, rope: RopeFields, fields: Decoder, file: string): RopeScaling {
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

function ropeParameters(
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

function asList(ids: number | number[] | null | undefined): number[] {
  return ids === null || ids === undefined ? [] : typeof ids === "number" ? [ids] : ids;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError(`${file}: ${issue.path.join(".")}: ${issue.message}.`);
}
