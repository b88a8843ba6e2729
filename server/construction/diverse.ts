import { cosine, type Vectors } from "./vectors";

/** The row that is taken instead, and its cosine. */
export interface TooClose {
  readonly of: number;
  readonly cosine: number;
}

export interface Diverse {
  /** The rows taken, best first. */
  readonly taken: readonly number[];
  /** The rows that were too close to one taken before. What is in neither was not reached. */
  readonly close: ReadonlyMap<number, TooClose>;
}

/**
 * The best rows of which no two are close: from the highest score down, a row is taken unless its cosine to one already
 * taken is above `limit`; the best is always taken. Of equal scores the earlier row goes first.
 * Source: W. Liu et al., What makes good data for alignment? (DEITA), arXiv 2312.15685, algorithm 1: 0.9, and 6,000 or
 * 10,000 rows.
 */
export function diverse(
  scores: readonly number[],
  vectors: Vectors,
  { most, limit = 0.9 }: { readonly most: number; readonly limit?: number },
): Diverse {
  const order = [...scores.keys()].sort((one, other) => scores[other] - scores[one] || one - other);
  const taken: number[] = [];
  const close = new Map<number, TooClose>();
  for (const row of order) {
    if (taken.length >= most) break;
    const near = taken.find((other) => cosine(vectors, row, other) > limit);
    if (near === undefined) taken.push(row);
    else close.set(row, { of: near, cosine: cosine(vectors, row, near) });
  }
  return { taken, close };
}

/**
 * DEITA's score of a conversation: complexity × quality of each turn, summed.
 * @param turns of each turn the two scores, from 1 to 6
 */
export const deitaScore = (
  turns: readonly { readonly complexity: number; readonly quality: number }[],
): number => turns.reduce((sum, { complexity, quality }) => sum + complexity * quality, 0);
