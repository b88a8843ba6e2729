/** A literal piece of a document. */
interface Chunk {
  /** Where it begins in the document, in UTF-16 units. */
  readonly at: number;
  readonly text: string;
  readonly words: number;
}

/** A piece that is asked about, with the document that it is of and a name of its own. */
export interface Passage extends Chunk {
  readonly document: string;
  readonly name: string;
}

const word = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu;
/** Where a text may be parted, best first: between paragraphs, then behind sentences. */
const breaks = [/\n\s*\n/g, /[.!?؟](?=\s)\s*|[。！？]\s*/g];

/**
 * Parts a document into pieces of so many words at most (characters where a script has no spaces): at the last paragraph's
 * end of a piece's second half, else at the last sentence's, else behind its last word.
 */
export function chunksOf(document: string, most: number): Chunk[] {
  const starts = [...document.matchAll(word)].map(({ index }) => index);
  const chunks: Chunk[] = [];
  let from = 0;
  for (let first = 0; first < starts.length; ) {
    const limit = starts[first + most] ?? document.length;
    const end = limit === document.length ? limit : breakIn(document, from, limit);
    const piece = document.slice(from, end);
    const before = first;
    while (first < starts.length && starts[first] < end) first++;
    const at = from + piece.length - piece.trimStart().length;
    chunks.push({ at, text: piece.trim(), words: first - before });
    from = end;
  }
  return chunks;
}

/** The pieces of all documents. */
export const passagesOf = (
  documents: readonly { readonly id: string; readonly text: string }[],
  most: number,
): Passage[] =>
  documents.flatMap(({ id, text }) =>
    chunksOf(text, most).map((chunk, at) => ({ ...chunk, document: id, name: `${id}/${at}` })),
  );

function breakIn(document: string, from: number, limit: number): number {
  const middle = (from + limit) / 2;
  for (const way of breaks) {
    const ends = [...document.slice(from, limit).matchAll(way)].map(
      (found) => from + found.index + found[0].length,
    );
    const last = ends.at(-1);
    if (last !== undefined && last > middle) return last;
  }
  return limit;
}
