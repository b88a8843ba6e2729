import { randomOf } from "../statistics/math/random";
import { cosine, type Vectors } from "./vectors";

/** A row chosen to cover the others, and how far it was from those before it, as 1 − cosine: null of the first. */
export interface Centre {
  readonly row: number;
  readonly distance: number | null;
}

/**
 * Rows that cover the space of all: the first is drawn by the seed, each next one is the farthest from those chosen. The
 * greatest distance that is left is at most twice the least possible. Of equally far rows the earlier one is chosen;
 * rows that lie on a chosen one are not, so fewer may come back than were asked for.
 * Source: T. Gonzalez, Theoretical Computer Science 38 (1985); O. Sener, S. Savarese, ICLR 2018.
 */
export function kCenter(
  vectors: Vectors,
  { most, seed }: { readonly most: number; readonly seed: number },
): Centre[] {
  const { rows } = vectors;
  if (rows === 0 || most < 1) return [];
  let row = Math.floor(randomOf(seed)() * rows);
  const centres: Centre[] = [{ row, distance: null }];
  const distance = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  // Unit vectors in single precision: what is nearer than this is the same direction.
  const same = 1e-6;
  while (centres.length < most) {
    distance[row] = 0;
    let farthest = 0;
    for (let other = 0; other < rows; other++) {
      if (distance[other] > same)
        distance[other] = Math.min(distance[other], 1 - cosine(vectors, row, other));
      if (distance[other] > distance[farthest]) farthest = other;
    }
    if (distance[farthest] <= same) break;
    row = farthest;
    centres.push({ row, distance: distance[row] });
  }
  return centres;
}
