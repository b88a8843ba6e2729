import { longRun, runsOf, tellingWords, wordsOf } from "../benchmark/words";

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
    if (words.length < tellingWords) continue;
    const length = Math.min(longRun, words.length);
    lengths.add(length);
    for (const run of runsOf(words, length)) if (!known.has(run)) known.set(run, document);
  }
  return candidates.map((text) => {
    const words = wordsOf(text);
    for (const length of lengths)
      for (const run of runsOf(words, length)) {
        const document = known.get(run);
        if (document !== undefined) return { document, words: run };
      }
    return null;
  });
}
