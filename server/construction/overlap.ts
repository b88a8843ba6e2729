import { wordsOf } from "../benchmark/contamination";

/** GPT-3's rule: a run of 13 words that a benchmark has. */
const run = 13;
/** A text of fewer words says nothing by itself: "Paris" is everywhere. */
const telling = 4;

/** The benchmark's document that a text repeats, and the words. */
export interface Overlap {
  readonly document: number;
  readonly words: string;
}

/**
 * Which candidates repeat a benchmark: any run of 13 words of its documents, or the whole of a shorter one of at least
 * four. The other way round, how much of a benchmark stands in training data, is `server/benchmark/contamination`.
 * Source: T. Brown et al., arXiv 2005.14165, appendix C.
 * @returns for each candidate the first overlap, or null
 */
export function benchmarkOverlap(
  documents: readonly string[],
  candidates: readonly string[],
): (Overlap | null)[] {
  const known = new Map<string, number>();
  const lengths = new Set<number>();
  for (const [document, text] of documents.entries()) {
    const words = wordsOf(text);
    if (words.length < telling) continue;
    const length = Math.min(run, words.length);
    lengths.add(length);
    for (let start = 0; start + length <= words.length; start++) {
      const key = words.slice(start, start + length).join(" ");
      if (!known.has(key)) known.set(key, document);
    }
  }
  return candidates.map((text) => {
    const words = wordsOf(text);
    for (const length of lengths)
      for (let start = 0; start + length <= words.length; start++) {
        const key = words.slice(start, start + length).join(" ");
        const document = known.get(key);
        if (document !== undefined) return { document, words: key };
      }
    return null;
  });
}
