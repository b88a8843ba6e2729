import { randomOf } from "../statistics/math/random";
import { jaccard, mixed, shinglesOf } from "./shingles";

/** Hash functions of a text's sketch, as many as DATA.md and datasketch take. */
const permutations = 128;

interface Bands {
  readonly bands: number;
  readonly rows: number;
}

/**
 * Bands and rows of a sketch that let a pair at the threshold be found with at least this chance, 1 − (1 − t^rows)^bands;
 * pairs above it are found more often. datasketch's own choice balances misses against work, and finds a pair of 0.7 at
 * its threshold 0.7 with a chance of 0.44; here pairs are checked afterwards, so that only misses count.
 * Source: J. Leskovec, A. Rajaraman, J. Ullman, Mining of Massive Datasets, section 3.4.
 */
export function bandsFor(threshold: number, recall: number): Bands {
  for (let rows = permutations; rows > 1; rows--) {
    const bands = Math.floor(permutations / rows);
    if (chanceToFind(threshold, { bands, rows }) >= recall) return { bands, rows };
  }
  return { bands: permutations, rows: 1 };
}

/** The chance that a pair of this similarity shares a band. */
export const chanceToFind = (similarity: number, { bands, rows }: Bands): number =>
  1 - (1 - similarity ** rows) ** bands;

/** The text that stays, and how like it this one is: Jaccard's similarity of their shingles. */
export interface Near {
  readonly of: number;
  readonly similarity: number;
}

export interface NearOptions {
  /** From which similarity on a text is a duplicate. */
  readonly threshold?: number;
  /** The least chance with which a pair just at the threshold is found. */
  readonly recall?: number;
  /** The places of the texts in the order in which they are taken: the earlier ones stay. */
  readonly order?: readonly number[];
  /** The first so many of the order all stay, whatever they are like: other splits, benchmarks. */
  readonly fixed?: number;
}

/**
 * Near duplicates, taken one after the other: a text goes when it is like one that stays, and of those the most alike is
 * named. Texts are found by MinHash with bands (A. Broder, SEQUENCES 1997) and checked by the exact similarity of their
 * shingles, so nothing goes that is not a duplicate, and of those at the threshold a share of `recall` is found. No chains:
 * what is like a text that went, and like none that stays, stays.
 * @returns for each text what stays in its place, or null where it stays itself
 */
export function nearDuplicates(
  texts: readonly string[],
  { threshold = 0.7, recall = 0.99, order = [...texts.keys()], fixed = 0 }: NearOptions = {},
): (Near | null)[] {
  const sketch = sketcher(bandsFor(threshold, recall));
  const sets = new Array<Float64Array>(texts.length);
  // By band, a table of slots with the last text in each, and from each text the one before it in its slot.
  const slots = 2 ** Math.ceil(Math.log2(texts.length + 1));
  const last = Array.from({ length: sketch.bands }, () => new Int32Array(slots).fill(-1));
  const before = Array.from({ length: sketch.bands }, () => new Int32Array(texts.length));
  const keyOf = Array.from({ length: sketch.bands }, () => new Int32Array(texts.length));
  const askedBy = new Int32Array(texts.length).fill(-1);
  const found = new Array<Near | null>(texts.length).fill(null);
  for (const [turn, place] of order.entries()) {
    const set = shinglesOf(texts[place]);
    if (set.length === 0) continue;
    const keys = sketch.keysOf(set);
    let best: Near | null = null;
    if (turn >= fixed)
      for (let band = 0; band < keys.length; band++) {
        for (let other = last[band][keys[band] & (slots - 1)]; other >= 0; other = before[band][other]) {
          if (keyOf[band][other] !== keys[band] || askedBy[other] === place) continue;
          askedBy[other] = place;
          const others = sets[other].length;
          if (Math.min(set.length, others) < threshold * Math.max(set.length, others)) continue;
          const similarity = jaccard(set, sets[other]);
          if (similarity < threshold || similarity < (best?.similarity ?? 0)) continue;
          if (best === null || similarity > best.similarity || other < best.of)
            best = { of: other, similarity };
        }
      }
    found[place] = best;
    if (best !== null) continue;
    sets[place] = set;
    for (let band = 0; band < keys.length; band++) {
      const slot = keys[band] & (slots - 1);
      before[band][place] = last[band][slot];
      keyOf[band][place] = keys[band];
      last[band][slot] = place;
    }
  }
  return found;
}

/** Makes the keys of a set's bands; the same array is filled again for every set. */
function sketcher({ bands, rows }: Bands) {
  const random = randomOf(permutations);
  // x → ax + b with odd a permutes the 32-bit integers, and its upper bits, which decide, depend on all of x.
  const draw = () => (random() * 2 ** 32) | 0;
  const factors = Int32Array.from({ length: permutations }, () => draw() | 1);
  const offsets = Int32Array.from({ length: permutations }, draw);
  const least = new Int32Array(permutations);
  const keys = new Int32Array(bands);
  let low = new Int32Array(256);
  return {
    bands,
    keysOf(set: Float64Array): Int32Array {
      const count = set.length;
      if (count > low.length) low = new Int32Array(2 * count);
      // The lower 32 bits of a fingerprint.
      for (let i = 0; i < count; i++) low[i] = set[i];
      // Four at a time take less than half the time of one after the other, which waits for itself.
      for (let p = 0; p < permutations; p += 4) {
        const a0 = factors[p];
        const a1 = factors[p + 1];
        const a2 = factors[p + 2];
        const a3 = factors[p + 3];
        const b0 = offsets[p];
        const b1 = offsets[p + 1];
        const b2 = offsets[p + 2];
        const b3 = offsets[p + 3];
        let m0 = 0x7fffffff;
        let m1 = m0;
        let m2 = m0;
        let m3 = m0;
        for (let i = 0; i < count; i++) {
          const x = low[i];
          const v0 = (Math.imul(a0, x) + b0) | 0;
          const v1 = (Math.imul(a1, x) + b1) | 0;
          const v2 = (Math.imul(a2, x) + b2) | 0;
          const v3 = (Math.imul(a3, x) + b3) | 0;
          if (v0 < m0) m0 = v0;
          if (v1 < m1) m1 = v1;
          if (v2 < m2) m2 = v2;
          if (v3 < m3) m3 = v3;
        }
        least[p] = m0;
        least[p + 1] = m1;
        least[p + 2] = m2;
        least[p + 3] = m3;
      }
      for (let band = 0; band < bands; band++) {
        let key = 0;
        for (let row = 0; row < rows; row++)
          key = mixed(Math.imul(key, 0x01000193) ^ least[band * rows + row]);
        keys[band] = key;
      }
      return keys;
    },
  };
}
