import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson } from "../file/files";
import {
  type DecoderFields,
  decoderSchema,
  generalSchema,
  generationSchema,
  gpt2Schema,
} from "./config-fields";
import { readRope, ropeParameters } from "./config-rope";
import { type Family, families, familyDefaults } from "./family-defaults";
import type { RopeConfig } from "./rope";

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
  /** The row of the embedding that looking it up does not train: torch's name for the padding token's (not gpt2's). */
  readonly padding_idx: number | null;
  readonly initializer_range: number;
  /** config.json as it was read, so that fields we do not use survive a rewrite. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const activations: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

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
    transformers_version: "5.24.0", // the release whose layout this is
  };
}

function decoderConfig(
  family: Family,
  fields: DecoderFields,
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
    padding_idx: paddingRow(family, fields),
    initializer_range: fields.initializer_range ?? 0.02,
    raw: { ...fields, architectures: [head === "score" ? scoreArchitecture : architecture] },
  };
}

/** As `nn.Embedding` of transformers' models takes it: a negative one counts from the end. */
function paddingRow(family: Family, { pad_token_id, vocab_size }: z.infer<typeof generalSchema>) {
  const pad = pad_token_id === undefined ? familyDefaults[family].pad_token_id : pad_token_id;
  if (pad === null || pad >= vocab_size) return null;
  return pad < 0 ? vocab_size + pad : pad;
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

function readSlidingWindow(family: Family, fields: DecoderFields): number | null {
  if (family === "llama") return null;
  if ((family === "qwen2" || family === "qwen3") && !fields.use_sliding_window) return null;
  return fields.sliding_window === undefined ? familyDefaults[family].sliding_window : fields.sliding_window;
}

function hasLayerTypes(family: Family): boolean {
  return family === "qwen2" || family === "qwen3" || family === "gemma2" || family === "gemma3_text";
}

function readLayerTypes(
  family: Family,
  fields: DecoderFields,
  window: number | null,
  file: string,
): LayerType[] {
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

function asList(ids: number | number[] | null | undefined): number[] {
  return ids === null || ids === undefined ? [] : typeof ids === "number" ? [ids] : ids;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError(`${file}: ${issue.path.join(".")}: ${issue.message}.`);
}
