import type { Value } from "../graph/graph";
import type { ModelConfig, Shape } from "./config";
import type { Network } from "./network";
import type { Parameter } from "./parameters";

/** Three steps from token ids to the last hidden state. */
export interface Layers {
  readonly embed: (network: Network, ids: Value) => Value;
  readonly layer: (network: Network, x: Value, index: number) => Value;
  readonly finalNorm: (network: Network, x: Value) => Value;
}

/** What a configuration means where it leaves something out, as transformers' configuration class has it. */
export interface Defaults {
  readonly tied: boolean;
  readonly theta: number;
  readonly activation: string;
  /** null: hidden size by heads. */
  readonly head_dim: number | null;
  /** null: as many as query heads. */
  readonly num_key_value_heads: number | null;
  readonly epsilon: number;
  readonly max_position_embeddings: number;
  readonly sliding_window: number | null;
  /** The padding token of a configuration that names none. */
  readonly pad_token_id: number | null;
  readonly eos_token_ids: readonly number[];
}

/**
 * All that the engine knows of a family of decoders. A family is one file with one of these and a line in the index;
 * nothing else names it.
 */
export interface FamilyDescription {
  /** The `model_type` of its config.json. */
  readonly name: string;
  /** transformers' classes, the first of which is written; `score` is null where it has none for reward models. */
  readonly architectures: { readonly causal: readonly string[]; readonly score: string | null };
  readonly defaults: Defaults;
  /** @throws EngineError naming the field of config.json that is malformed or not supported. */
  readonly read: (raw: Readonly<Record<string, unknown>>, file: string) => Shape;
  /** The fields of config.json that a rewrite states in the layout of transformers 5. */
  readonly write: (config: ModelConfig) => Record<string, unknown>;
  /** Its own names for the fields that `new-model` sets, where they are not Llama's. */
  readonly fieldNames: Readonly<Record<string, string>>;
  /** Every weight but the head's. */
  readonly parameters: (config: ModelConfig) => readonly Parameter[];
  /** The prefix under which the decoder lies; a checkpoint of the bare decoder leaves it out. */
  readonly prefix: string;
  /** The embedding, which is also a tied head. */
  readonly embedding: string;
  /** Linear layers are stored inputs × outputs (Conv1D) instead of outputs × inputs. */
  readonly transposed: boolean;
  /** PEFT's target modules where none are named. */
  readonly loraTargets: readonly string[];
  readonly initialise: Initialise;
  readonly tokenizer: TokenizerClass;
  readonly layers: Layers;
}

/** What `_init_weights` of transformers does beyond normal weights, biases of zero and norms of one. */
interface Initialise {
  /** What norms start with: 0 where they multiply by 1 + weight. */
  readonly norm: number;
  /** Divisor of the standard deviation of a linear layer's weight. */
  readonly shrink: (parameter: Parameter, config: ModelConfig) => number;
}

export interface TokenizerClass {
  /** The class that transformers has registered; "file" runs tokenizer.json as it is, null leaves it to the files. */
  readonly registered: string | null;
  /** Whether a class that tokenizer_config.json names counts before the registered one. */
  readonly writtenCounts: boolean;
}
