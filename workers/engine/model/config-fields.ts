/** config.json as transformers writes it, in the layouts of versions 4 and 5. */
import { z } from "zod";

export const size = z.int().positive();
const tokenId = z.int().nonnegative();
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

export const ropeSchema = z.object({
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
export type RopeFields = z.infer<typeof ropeSchema>;

export const generalSchema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: size,
  initializer_range: z.number().nonnegative().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: z.int().nullish(),
  quantization_config: z.unknown().optional(),
  /** The text model within a model of texts and images. */
  text_config: z.looseObject({ model_type: z.string().nullish() }).nullish(),
  num_labels: size.nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
});

export type GeneralFields = z.infer<typeof generalSchema>;

export const decoderSchema = generalSchema.extend({
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
export type DecoderFields = z.infer<typeof decoderSchema>;

export const generationSchema = z.looseObject({ eos_token_id: tokenIds });
