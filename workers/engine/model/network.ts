/** What the layers of a family work with: a model's weights as values of a graph. */

import type { Value } from "../graph/graph";
import type { Attend } from "./attention";
import type { LayerType, ModelConfig } from "./config";
import type { Rotation } from "./layers";

/** The low-rank update of a linear layer: scale · x Aᵀ Bᵀ; A is [rank, inputs], B [outputs, rank]. */
export interface LowRank {
  readonly a: Value;
  readonly b: Value;
  readonly scale: number;
  /** Applied to x before A. */
  readonly dropout: (x: Value) => Value;
}

/** Where a network's numbers come from, by Hugging Face's parameter names. */
export interface Weights {
  /** A parameter in float32. */
  readonly parameter: (name: string) => Value;
  readonly has: (name: string) => boolean;
  /** The adapter of a linear module ("model.layers.0.self_attn.q_proj"), where it has one. */
  readonly adapter: (module: string) => LowRank | undefined;
}

/** What the layers of a family work with. */
export interface Network {
  readonly config: ModelConfig;
  readonly parameter: (name: string) => Value;
  readonly positions: Value;
  readonly attend: Attend;
  /** Angles by layer type; null for families that learn positions. */
  readonly rotations: Readonly<Record<LayerType, Rotation>> | null;
  /** W x + b and the adapter's update, for the module of that name. */
  readonly linear: (module: string, x: Value) => Value;
  /** The same for several modules that read the same x. */
  readonly linears: (modules: readonly string[], x: Value) => Value[];
}
