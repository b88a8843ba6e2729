import { z } from "zod";

/** Decoder families, by the `model_type` of config.json. */
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
export type Family = z.infer<typeof families>;

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
  /** The padding token of a configuration that names none. */
  readonly pad_token_id: number | null;
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
  pad_token_id: null,
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
  pad_token_id: 0,
};

export const familyDefaults: Readonly<Record<Family, FamilyDefaults>> = {
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
    pad_token_id: 32_000,
  },
};
