/** How many words a text has, in any script. */
export const countWords = (text: string): number =>
  [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].filter(
    (piece) => piece.isWordLike,
  ).length;
