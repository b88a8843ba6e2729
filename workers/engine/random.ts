/** The four 32-bit words of xoshiro128**, plus the spare normal of the polar method; survives JSON. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/**
 * Seeded random numbers whose state can be saved, so a resumed run draws what the uninterrupted run would
 * have drawn. Generator: xoshiro128** 1.1 (Blackman and Vigna), seeded through splitmix32.
 */
export class Random {
  #words: Uint32Array;
  #spare: number | null;

  constructor(source: number | RandomState) {
    if (typeof source === "number") {
      this.#words = expandSeed(source);
      this.#spare = null;
    } else {
      this.#words = Uint32Array.from(source.words);
      this.#spare = source.spare;
    }
  }

  state(): RandomState {
    const [a, b, c, d] = this.#words;
    return { words: [a, b, c, d], spare: this.#spare };
  }

  /** 32 random bits. */
  bits(): number {
    const [s0, s1, s2, s3] = this.#words;
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const a = s2 ^ s0;
    const b = s3 ^ s1;
    this.#words[0] = s0 ^ b;
    this.#words[1] = s1 ^ a;
    this.#words[2] = a ^ (s1 << 9);
    this.#words[3] = rotate(b, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 0x4000000 + (this.bits() >>> 6)) / 0x20000000000000;
  }

  /** Uniform integer in [0, below), without modulo bias for any `below` up to 2^32. */
  integer(below: number): number {
    const limit = 0x100000000 - (0x100000000 % below);
    let bits = this.bits();
    while (bits >= limit) bits = this.bits();
    return bits % below;
  }

  /** Standard normal, Marsaglia's polar method. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      return x * scale;
    }
  }

  fillNormal(values: Float32Array, deviation: number): Float32Array {
    for (let i = 0; i < values.length; i++) values[i] = this.normal() * deviation;
    return values;
  }

  fillUniform(values: Float32Array, low: number, high: number): Float32Array {
    for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * this.uniform();
    return values;
  }

  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

/**
 * An independent stream for a name, e.g. `seeded(42, "init", tensorName)`: what one part of a program draws
 * does not depend on how much another part drew before it.
 */
export function seeded(seed: number, ...labels: readonly (string | number)[]): Random {
  let hash = (0x811c9dc5 ^ seed) >>> 0; // FNV-1a
  for (const character of labels.join("\u0000")) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return new Random(hash);
}

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}

function expandSeed(seed: number): Uint32Array {
  let state = seed >>> 0;
  return Uint32Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  });
}
