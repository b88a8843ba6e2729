/** How frequencies stretch beyond the trained context; `rope_type` in transformers. */
export type RopeScaling =
  | { readonly type: "default" }
  | { readonly type: "linear"; readonly factor: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    }
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly original_max_position_embeddings: number;
      readonly beta_fast: number;
      readonly beta_slow: number;
      readonly attention_factor: number;
      readonly truncate: boolean;
    };

export interface RopeConfig {
  readonly theta: number;
  /** Share of each head's dimensions that rotates; 1 except in some phi3. */
  readonly partial_rotary_factor: number;
  readonly scaling: RopeScaling;
}

export interface RopeFrequencies {
  /** Radians a position, one for each rotated pair of dimensions. */
  readonly inverse: Float32Array;
  /** Cosines and sines are multiplied by this (yarn's temperature; 1 elsewhere). */
  readonly attention_factor: number;
}

/** Rotary frequencies (Su et al., arXiv 2104.09864) as transformers' ROPE_INIT_FUNCTIONS compute them. */
export function ropeFrequencies(rope: RopeConfig, head_dim: number): RopeFrequencies {
  const { scaling, theta } = rope;
  const dimensions = Math.floor(head_dim * rope.partial_rotary_factor);
  const base = Float32Array.from(
    { length: Math.ceil(dimensions / 2) },
    (_, i) => theta ** ((-2 * i) / dimensions),
  );
  switch (scaling.type) {
    case "default":
      return { inverse: base, attention_factor: 1 };
    case "linear":
      return { inverse: base.map((frequency) => frequency / scaling.factor), attention_factor: 1 };
    case "llama3":
      return { inverse: base.map((frequency) => stretchLlama3(frequency, scaling)), attention_factor: 1 };
    case "yarn":
      return {
        inverse: stretchYarn(base, theta, dimensions, scaling),
        attention_factor: scaling.attention_factor,
      };
  }
}

type Llama3 = Extract<RopeScaling, { type: "llama3" }>;
type Yarn = Extract<RopeScaling, { type: "yarn" }>;

/** Long waves are divided by the factor, short ones kept, those between interpolated. */
function stretchLlama3(frequency: number, scaling: Llama3): number {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings } = scaling;
  const waves = (original_max_position_embeddings * frequency) / (2 * Math.PI); // turns within the trained context
  if (waves < low) return frequency / factor;
  if (waves > high) return frequency;
  const smooth = (waves - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** NTK-by-parts (Peng et al., arXiv 2309.00071, section 3.2). */
function stretchYarn(base: Float32Array, theta: number, dimensions: number, scaling: Yarn): Float32Array {
  const { factor, original_max_position_embeddings, beta_fast, beta_slow, truncate } = scaling;
  const dimensionOf = (turns: number) =>
    (dimensions * Math.log(original_max_position_embeddings / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const first = truncate ? Math.floor(dimensionOf(beta_fast)) : dimensionOf(beta_fast);
  const last = truncate ? Math.ceil(dimensionOf(beta_slow)) : dimensionOf(beta_slow);
  const low = Math.max(first, 0);
  const high = Math.min(last, dimensions - 1);
  const width = high === low ? 0.001 : high - low;
  return base.map((frequency, i) => {
    const interpolated = Math.min(Math.max((i - low) / width, 0), 1);
    return (frequency / factor) * interpolated + frequency * (1 - interpolated);
  });
}

/** Yarn's default temperature for a context stretched `factor` times. */
export function yarnAttentionFactor(factor: number, scale = 1): number {
  return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
}
