export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below). */
  below(limit: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** A shuffled copy. */
  shuffled<T>(items: readonly T[]): T[];
}

/**
 * A stream of random numbers that depends on the given labels only, so the demo is the same on every machine
 * and one part of it does not change when another draws more. Generator: mulberry32, seeded by FNV-1a.
 */
export function randomFor(...labels: readonly (string | number)[]): Random {
  let state = 0x811c9dc5;
  for (const character of labels.join("\u0000"))
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);

  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(uniform() * limit);

  return {
    uniform,
    below,
    // Box and Muller; 1 − u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: (items) => items[below(items.length)],
    shuffled: (items) => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j], copy[i]];
      }
      return copy;
    },
  };
}
