import { EngineError } from "../errors";

/** GPT-2's split into words: contractions, then letters, digits or signs with the space before them. */
const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** A byte-level vocabulary: tokens by id, and the merges in the order they were learnt. */
export interface BpeModel {
  readonly vocabulary: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * Learns byte-pair merges (Sennrich et al., arXiv 1508.07909) exactly as Hugging Face tokenizers' BpeTrainer
 * does with the byte alphabet: the most frequent pair first, ties to the smaller pair of ids.
 * @param size tokens wanted, special tokens and the 256 bytes included; fewer result when pairs run out.
 * @param minFrequency a pair seen less often is not merged.
 */
export function trainBpe(
  texts: Iterable<string>,
  size: number,
  specialTokens: readonly string[],
  minFrequency = 2,
): BpeModel {
  const alphabet = byteAlphabet.toSorted(); // code-point order, as the reference assigns ids
  if (size < specialTokens.length + alphabet.length) {
    throw new EngineError(
      `A byte-level vocabulary needs at least ${specialTokens.length + alphabet.length} tokens; ${size} were asked for.`,
    );
  }
  const vocabulary = [...specialTokens, ...alphabet];
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const { words, counts } = countWords(texts, ids);
  const pairs = new PairQueue();
  words.forEach((word, index) => {
    for (let i = 0; i + 1 < word.length; i++) pairs.add(word[i], word[i + 1], counts[index], index);
  });
  pairs.enqueueNew();
  const merges: [string, string][] = [];
  while (vocabulary.length < size) {
    const best = pairs.pop();
    if (!best || best.count < Math.max(minFrequency, 1)) break;
    const { left, right } = best;
    const token = vocabulary[left] + vocabulary[right];
    const merged = ids.get(token) ?? vocabulary.push(token) - 1;
    ids.set(token, merged);
    merges.push([vocabulary[left], vocabulary[right]]);
    for (const index of best.words)
      mergeInWord(words[index], left, right, merged, counts[index], index, pairs);
    pairs.enqueueNew();
  }
  return { vocabulary, merges };
}

/** Replaces the pair from left to right and reports how the neighbouring pairs change. */
function mergeInWord(
  word: number[],
  left: number,
  right: number,
  merged: number,
  times: number,
  index: number,
  pairs: PairQueue,
): void {
  let kept = 0;
  for (let i = 0; i < word.length; i++, kept++) {
    if (word[i] !== left || word[i + 1] !== right) {
      word[kept] = word[i];
      continue;
    }
    if (kept > 0) {
      pairs.subtract(word[kept - 1], left, times);
      pairs.add(word[kept - 1], merged, times, index);
    }
    if (i + 2 < word.length) {
      pairs.subtract(right, word[i + 2], times);
      pairs.add(merged, word[i + 2], times, index);
    }
    word[kept] = merged;
    i++;
  }
  word.length = kept;
}

/** Distinct words as byte tokens, with how often each occurs. */
function countWords(
  texts: Iterable<string>,
  ids: ReadonlyMap<string, number>,
): { words: number[][]; counts: number[] } {
  const frequencies = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(wordPattern)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  }
  const idOfByte = byteAlphabet.map((character) => ids.get(character) ?? 0);
  const words = [...frequencies.keys()].map((word) =>
    Array.from(Buffer.from(word, "utf8"), (byte) => idOfByte[byte]),
  );
  return { words, counts: [...frequencies.values()] };
}

interface Pair {
  readonly left: number;
  readonly right: number;
  /** Occurrences when the pair was put into the queue; `current` moves on as neighbours merge. */
  count: number;
  current: number;
  /** Words in which the pair was seen; some may have lost it since. */
  readonly words: Set<number>;
}

/** Pairs by falling count, then rising ids: a binary heap whose stale counts are corrected when they surface. */
class PairQueue {
  #pairs = new Map<number, Pair>();
  #fresh = new Set<Pair>();
  #heap: Pair[] = [];

  add(left: number, right: number, times: number, word: number): void {
    const key = left * 0x2000000 + right; // ids stay far below 2^25, keys below 2^53
    let pair = this.#pairs.get(key);
    if (!pair) {
      pair = { left, right, count: 0, current: 0, words: new Set() };
      this.#pairs.set(key, pair);
      this.#fresh.add(pair);
    }
    pair.current += times;
    pair.words.add(word);
  }

  subtract(left: number, right: number, times: number): void {
    const pair = this.#pairs.get(left * 0x2000000 + right);
    if (pair) pair.current -= times;
  }

  /** Queues the pairs that `add` met for the first time, now that their counts are complete. */
  enqueueNew(): void {
    for (const pair of this.#fresh) {
      pair.count = pair.current;
      if (pair.count > 0) this.#push(pair);
    }
    this.#fresh.clear();
  }

  pop(): Pair | undefined {
    for (;;) {
      const top = this.#take();
      if (!top || top.count === top.current) return top;
      top.count = top.current;
      if (top.count > 0) this.#push(top);
    }
  }

  #push(pair: Pair): void {
    const heap = this.#heap;
    let at = heap.push(pair) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(pair, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = pair;
  }

  #take(): Pair | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return last;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Pair, b: Pair): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}

/** GPT-2's printable character for each byte: itself where printable, else the next one from U+0100. */
const byteAlphabet: readonly string[] = (() => {
  const isPrintable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : 256 + moved++),
  );
})();
