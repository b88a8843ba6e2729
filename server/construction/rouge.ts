import { wordsOf } from "../benchmark/words";

/**
 * How a text is cut into words. `rouge_score` is Google's package without its stemmer, a–z and 0–9 alone: the published
 * filters use it, and to it a Chinese sentence has no words, is 0 like itself, and passes every filter of duplicates.
 * `unicode` takes the letters and digits of all scripts, one by one where a script has no spaces.
 */
const tokenizers = {
  unicode: wordsOf,
  rouge_score: (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [],
} as const satisfies Record<string, (text: string) => string[]>;
export type Tokenizer = keyof typeof tokenizers;

/**
 * ROUGE-L's F1, from 0 to 1, of two texts of so many words with a longest common subsequence of `common`; in the order
 * of operations of rouge_score 0.1.2, so that a threshold splits alike to the last bit.
 * Source: C.-Y. Lin, ROUGE, ACL workshop on text summarization 2004.
 */
function fMeasure(common: number, words: number, others: number): number {
  if (common === 0) return 0;
  const precision = common / others;
  const recall = common / words;
  return (2 * precision * recall) / (precision + recall);
}

/** A text of a pool, by its place there, and ROUGE-L's F1 to it. */
export interface Likeness {
  readonly of: number;
  readonly f: number;
}

/**
 * Texts that grow in number, asked for those most like another one. The words that two texts share bound their longest
 * common subsequence, so most pairs are never aligned; the answer is that of aligning all.
 */
export class RougePool {
  readonly #words: (text: string) => string[];
  readonly #idOf = new Map<string, number>();
  /** By word: the texts that have it, and how often. */
  readonly #texts: number[][] = [];
  readonly #counts: number[][] = [];
  readonly #sequences: Int32Array[] = [];
  #shared = new Int32Array(1024);

  constructor(tokenizer: Tokenizer) {
    this.#words = tokenizers[tokenizer];
  }

  get size(): number {
    return this.#sequences.length;
  }

  add(text: string): void {
    const place = this.#sequences.length;
    const sequence = Int32Array.from(this.#words(text), (word) => {
      let id = this.#idOf.get(word);
      if (id === undefined) {
        id = this.#texts.length;
        this.#idOf.set(word, id);
        this.#texts.push([]);
        this.#counts.push([]);
      }
      return id;
    });
    for (const [id, count] of countsOf(sequence)) {
      this.#texts[id].push(place);
      this.#counts[id].push(count);
    }
    this.#sequences.push(sequence);
    if (place >= this.#shared.length) this.#shared = new Int32Array(2 * this.#shared.length);
  }

  /** The texts most like this one, at most `most` and of equal ones the earlier; those that share no word are left out. */
  nearest(text: string, most: number): Likeness[] {
    // A word that no text of the pool has matches nothing, and counts in the length.
    const sequence = Int32Array.from(this.#words(text), (word) => this.#idOf.get(word) ?? -1);
    const length = sequence.length;
    const shared = this.#shared.fill(0, 0, this.size);
    for (const [id, count] of countsOf(sequence)) {
      if (id < 0) continue;
      const texts = this.#texts[id];
      const counts = this.#counts[id];
      for (let i = 0; i < texts.length; i++) shared[texts[i]] += Math.min(count, counts[i]);
    }
    const align = aligner(sequence);
    const best: Likeness[] = [];
    for (let of = 0; of < this.size; of++) {
      if (shared[of] === 0) continue;
      const other = this.#sequences[of];
      const worst = best.length < most ? 0 : best[best.length - 1].f;
      // The bound is the same formula: a little slack, for it rounds.
      if (fMeasure(shared[of], length, other.length) < worst - 1e-9) continue;
      const f = fMeasure(align(other), length, other.length);
      if (f <= worst) continue;
      if (best.length === most) best.pop();
      let at = best.length;
      while (at > 0 && best[at - 1].f < f) at--;
      best.splice(at, 0, { of, f });
    }
    return best;
  }
}

function countsOf(sequence: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of sequence) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/**
 * The length of the longest common subsequence of one sequence with others, 32 places at a time.
 * Source: H. Hyyrö, Bit-parallel LCS-length computation revisited, AWOCA 2004.
 */
function aligner(sequence: Int32Array): (other: Int32Array) => number {
  const blocks = Math.ceil(sequence.length / 32);
  const places = new Map<number, Int32Array>();
  for (const [place, id] of sequence.entries()) {
    let bits = places.get(id);
    if (bits === undefined) {
      bits = new Int32Array(blocks);
      places.set(id, bits);
    }
    bits[place >>> 5] |= 1 << (place & 31);
  }
  const free = new Int32Array(blocks);
  return (other) => {
    // A place that has been matched is a zero.
    free.fill(-1);
    for (const id of other) {
      const bits = places.get(id);
      if (bits === undefined) continue;
      let carry = 0;
      for (let block = 0; block < blocks; block++) {
        const open = free[block];
        const hit = open & bits[block];
        const sum = (open >>> 0) + (hit >>> 0) + carry;
        carry = sum > 0xffffffff ? 1 : 0;
        free[block] = sum | 0 | (open & ~hit);
      }
    }
    let matched = 0;
    for (const open of free) matched += zeros(open);
    return matched;
  };
}

/** How many bits of 32 are zero. */
function zeros(bits: number): number {
  let x = ~bits;
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
