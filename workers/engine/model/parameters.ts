import type { ModelConfig } from "./config";

/** What a weight does: decides how it is initialised, whether LoRA may wrap it and whether it decays. */
export type ParameterRole = "embedding" | "position" | "linear" | "bias" | "norm" | "head" | "score";

export interface Parameter {
  /** Hugging Face's name, e.g. `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

/** A linear layer as PEFT sees it. */
export interface LinearModule {
  /** The parameter's name without `.weight`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Stored inputs × outputs (gpt2's Conv1D) instead of outputs × inputs. */
  readonly transposed: boolean;
}

/**
 * Every weight of a model: the one list that loading checks, `new-model` initialises, saving writes and
 * adapters are matched against. A tied head is the embedding and has no entry of its own.
 */
export function modelParameters(config: ModelConfig): Parameter[] {
  return config.family === "gpt2" ? gpt2Parameters(config) : decoderParameters(config);
}

/** The layers that LoRA can wrap, which are `all-linear`: every linear layer except the head. */
export function linearModules(config: ModelConfig): LinearModule[] {
  const transposed = config.family === "gpt2";
  return modelParameters(config)
    .filter(({ role }) => role === "linear")
    .map(({ name, shape: [rows, columns] }) => ({
      name: name.slice(0, -".weight".length),
      inputs: transposed ? rows : columns,
      outputs: transposed ? columns : rows,
      transposed,
    }));
}

/** The prefix under which the decoder lies; a checkpoint of the bare decoder leaves it out. */
export function decoderPrefix(config: ModelConfig): string {
  return config.family === "gpt2" ? "transformer." : "model.";
}

function decoderParameters(config: ModelConfig): Parameter[] {
  const { hidden_size: hidden, intermediate_size: wide, head_dim, attention_bias, mlp_bias, family } = config;
  const queries = config.num_attention_heads * head_dim;
  const keys = config.num_key_value_heads * head_dim;
  const isGemma = family === "gemma2" || family === "gemma3_text";
  const attention =
    family === "phi3"
      ? linear("self_attn.qkv_proj", queries + 2 * keys, hidden, false)
      : [
          ...linear("self_attn.q_proj", queries, hidden, attention_bias.qkv),
          ...linear("self_attn.k_proj", keys, hidden, attention_bias.qkv),
          ...linear("self_attn.v_proj", keys, hidden, attention_bias.qkv),
        ];
  const mlp =
    family === "phi3"
      ? linear("mlp.gate_up_proj", 2 * wide, hidden, false)
      : [
          ...linear("mlp.gate_proj", wide, hidden, mlp_bias),
          ...linear("mlp.up_proj", wide, hidden, mlp_bias),
        ];
  const layer = [
    norm("input_layernorm", hidden),
    ...attention,
    ...linear("self_attn.o_proj", hidden, queries, attention_bias.output),
    ...(family === "qwen3" || family === "gemma3_text"
      ? [norm("self_attn.q_norm", head_dim), norm("self_attn.k_norm", head_dim)]
      : []),
    norm("post_attention_layernorm", hidden),
    ...(isGemma
      ? [norm("pre_feedforward_layernorm", hidden), norm("post_feedforward_layernorm", hidden)]
      : []),
    ...mlp,
    ...linear("mlp.down_proj", hidden, wide, mlp_bias),
  ];
  return [
    { name: "model.embed_tokens.weight", shape: [config.vocab_size, hidden], role: "embedding" },
    ...repeat("model.layers.", config.num_hidden_layers, layer),
    norm("model.norm", hidden),
    ...headParameters(config),
  ];
}

function gpt2Parameters(config: ModelConfig): Parameter[] {
  const { hidden_size: hidden, intermediate_size: wide } = config;
  const layer = [
    ...layerNorm("ln_1", hidden),
    ...transposed("attn.c_attn", hidden, 3 * hidden),
    ...transposed("attn.c_proj", hidden, hidden),
    ...layerNorm("ln_2", hidden),
    ...transposed("mlp.c_fc", hidden, wide),
    ...transposed("mlp.c_proj", wide, hidden),
  ];
  return [
    { name: "transformer.wte.weight", shape: [config.vocab_size, hidden], role: "embedding" },
    { name: "transformer.wpe.weight", shape: [config.max_position_embeddings, hidden], role: "position" },
    ...repeat("transformer.h.", config.num_hidden_layers, layer),
    ...layerNorm("transformer.ln_f", hidden),
    ...headParameters(config),
  ];
}

function headParameters({ head, tie_word_embeddings, vocab_size, hidden_size }: ModelConfig): Parameter[] {
  if (head === "score") return [{ name: "score.weight", shape: [1, hidden_size], role: "score" }];
  return tie_word_embeddings
    ? []
    : [{ name: "lm_head.weight", shape: [vocab_size, hidden_size], role: "head" }];
}

function repeat(prefix: string, layers: number, layer: readonly Parameter[]): Parameter[] {
  return Array.from({ length: layers }, (_, index) =>
    layer.map((parameter) => ({ ...parameter, name: `${prefix}${index}.${parameter.name}` })),
  ).flat();
}

function norm(name: string, size: number): Parameter {
  return { name: `${name}.weight`, shape: [size], role: "norm" };
}

function layerNorm(name: string, size: number): Parameter[] {
  return [norm(name, size), { name: `${name}.bias`, shape: [size], role: "bias" }];
}

function linear(name: string, outputs: number, inputs: number, bias: boolean): Parameter[] {
  const weight: Parameter = { name: `${name}.weight`, shape: [outputs, inputs], role: "linear" };
  return bias ? [weight, { name: `${name}.bias`, shape: [outputs], role: "bias" }] : [weight];
}

function transposed(name: string, inputs: number, outputs: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], role: "linear" },
    { name: `${name}.bias`, shape: [outputs], role: "bias" },
  ];
}
