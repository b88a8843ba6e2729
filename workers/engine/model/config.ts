import type { RopeConfig } from "./rope";

export type LayerType = "full_attention" | "sliding_attention";
export type Activation = "silu" | "gelu" | "gelu_tanh";

/** A model's shape, whatever layout its config.json has. Dimensions are counts, names are ours. */
export interface ModelConfig extends Shape {
  /** The name of its description in families/: the `model_type` of config.json. */
  readonly family: string;
  /** What sits on the last hidden state: `lm_head` or a reward model's `score` (one label, no bias). */
  readonly head: "causal" | "score";
  readonly vocab_size: number;
  /** The language-model head is the embedding matrix and is not stored a second time. */
  readonly tie_word_embeddings: boolean;
  readonly eos_token_ids: readonly number[];
  readonly bos_token_id: number | null;
  readonly pad_token_id: number | null;
  /** The row of the embedding that looking it up does not train: torch's name for the padding token's (not gpt2's). */
  readonly padding_idx: number | null;
  readonly initializer_range: number;
  /** config.json as it was read, so that fields we do not use survive a rewrite. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What a family reads of config.json for itself. */
export interface Shape {
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
  /** Rotary positions by layer type; null when positions are learned (gpt2). */
  readonly rope: Readonly<Record<LayerType, RopeConfig>> | null;
  /** Which features turn together: i and i + half of the turning ones, or 2i and 2i + 1. */
  readonly rope_pairs: "halves" | "neighbours";
  /** Whether a layer turns its queries and keys, by layer. */
  readonly rotated: readonly boolean[];
  readonly layer_types: readonly LayerType[];
  /** In sliding layers a query sees the keys less than this far back, itself included. */
  readonly sliding_window: number | null;
  /** Attention scores are multiplied by this. */
  readonly query_scale: number;
  /** Queries are multiplied by 1 + beta · ln(1 + ⌊position / original⌋). */
  readonly query_growth: { readonly beta: number; readonly original: number } | null;
  /** scores = cap · tanh(scores / cap), before the mask. */
  readonly attn_logit_softcapping: number | null;
  readonly final_logit_softcapping: number | null;
  /** Logits are multiplied by this. */
  readonly logit_scale: number;
  /** Embeddings, and what a layer adds to the residual stream, are multiplied by these. */
  readonly multipliers: { readonly embedding: number; readonly residual: number };
  /** The model's own dropout, which transformers applies in training when it is not switched off. */
  readonly dropout: { readonly embedding: number; readonly attention: number; readonly residual: number };
}
