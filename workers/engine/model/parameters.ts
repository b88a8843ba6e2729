/** The weights of a decoder, as families list them. */
import type { ModelConfig } from "./config";

/** What a weight does: decides how it is initialised, whether LoRA may wrap it and whether it decays. */
type ParameterRole = "embedding" | "position" | "linear" | "bias" | "norm" | "head" | "score";

export interface Parameter {
  /** Hugging Face's name, e.g. `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

/** Embedding, layers and final norm of a decoder in the layout that Llama began. */
export function decoderParameters(config: ModelConfig, layer: readonly Parameter[]): Parameter[] {
  const { hidden_size: hidden, vocab_size } = config;
  return [
    { name: "model.embed_tokens.weight", shape: [vocab_size, hidden], role: "embedding" },
    ...repeat("model.layers.", config.num_hidden_layers, layer),
    norm("model.norm", hidden),
  ];
}

/** Queries, keys, values and the output projection. */
export function attentionParameters(config: ModelConfig): Parameter[] {
  const { hidden_size: hidden, attention_bias: bias } = config;
  const { queries, keys } = projections(config);
  return [
    ...linear("self_attn.q_proj", queries, hidden, bias.qkv),
    ...linear("self_attn.k_proj", keys, hidden, bias.qkv),
    ...linear("self_attn.v_proj", keys, hidden, bias.qkv),
    ...linear("self_attn.o_proj", hidden, queries, bias.output),
  ];
}

/** Gate, up and down. */
export function gatedMlpParameters(config: ModelConfig): Parameter[] {
  const { hidden_size: hidden, intermediate_size: wide, mlp_bias } = config;
  return [
    ...linear("mlp.gate_proj", wide, hidden, mlp_bias),
    ...linear("mlp.up_proj", wide, hidden, mlp_bias),
    ...linear("mlp.down_proj", hidden, wide, mlp_bias),
  ];
}

/** The same with gate and up in one projection. */
export function jointMlpParameters({
  hidden_size: hidden,
  intermediate_size: wide,
}: ModelConfig): Parameter[] {
  return [
    ...linear("mlp.gate_up_proj", 2 * wide, hidden, false),
    ...linear("mlp.down_proj", hidden, wide, false),
  ];
}

/** Norms on every query and key head. */
export function headNorms({ head_dim }: ModelConfig): Parameter[] {
  return [norm("self_attn.q_norm", head_dim), norm("self_attn.k_norm", head_dim)];
}

/** How many features all query heads and all key heads have. */
export function projections(config: ModelConfig): { readonly queries: number; readonly keys: number } {
  const { num_attention_heads, num_key_value_heads, head_dim } = config;
  return { queries: num_attention_heads * head_dim, keys: num_key_value_heads * head_dim };
}

export function repeat(prefix: string, layers: number, layer: readonly Parameter[]): Parameter[] {
  return Array.from({ length: layers }, (_, index) =>
    layer.map((parameter) => ({ ...parameter, name: `${prefix}${index}.${parameter.name}` })),
  ).flat();
}

export function norm(name: string, size: number): Parameter {
  return { name: `${name}.weight`, shape: [size], role: "norm" };
}

export function layerNorm(name: string, size: number): Parameter[] {
  return [norm(name, size), { name: `${name}.bias`, shape: [size], role: "bias" }];
}

export function linear(name: string, outputs: number, inputs: number, bias: boolean): Parameter[] {
  const weight: Parameter = { name: `${name}.weight`, shape: [outputs, inputs], role: "linear" };
  return bias ? [weight, { name: `${name}.bias`, shape: [outputs], role: "bias" }] : [weight];
}

export function transposed(name: string, inputs: number, outputs: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], role: "linear" },
    { name: `${name}.bias`, shape: [outputs], role: "bias" },
  ];
}
