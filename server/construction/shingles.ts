import { wordsOf } from "../benchmark/words";

/** Words of a shingle. Of a script without spaces a word is a character, so these are its 5-grams of characters. */
const size = 5;

/**
 * The shingles of a text as a sorted set of fingerprints of 52 bits: two different ones share a fingerprint with a
 * chance of 2^-52, so what is counted on the sets is exact for all that anyone will see. A text of fewer than five
 * words is one shingle; a text without words has none, and is like no other.
 */
export function shinglesOf(text: string): Float64Array {
  const words = wordsOf(text);
  const count = words.length;
  if (count === 0) return new Float64Array(0);
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const word = words[i];
    let a = 0x811c9dc5 | 0;
    let b = 0x9747b28c | 0;
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x5bd1e995);
      b ^= b >>> 15;
    }
    low[i] = mixed(a);
    high[i] = mixed(b);
  }
  const length = Math.min(size, count);
  const found = new Float64Array(count - length + 1);
  for (let start = 0; start < found.length; start++) {
    let a = 0;
    let b = 0;
    for (let at = start; at < start + length; at++) {
      a = Math.imul(a, 0x01000193) ^ low[at];
      b = Math.imul(b, 0x2c1b3c6d) ^ high[at];
    }
    found[start] = (mixed(b) & 0xfffff) * 2 ** 32 + (mixed(a) >>> 0);
  }
  found.sort();
  let kept = 1;
  for (let i = 1; i < found.length; i++) if (found[i] !== found[i - 1]) found[kept++] = found[i];
  return kept === found.length ? found : found.slice(0, kept);
}

/** Every bit of the result depends on every bit given. Source: the finaliser of A. Appleby's MurmurHash3. */
export function mixed(bits: number): number {
  let x = bits;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Jaccard's similarity of two sorted sets, shared ÷ all; of two empty ones 0, for they have nothing in common. */
export function jaccard(one: Float64Array, other: Float64Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) {
      shared++;
      i++;
      j++;
    } else if (one[i] < other[j]) i++;
    else j++;
  }
  const all = one.length + other.length - shared;
  return all === 0 ? 0 : shared / all;
}
