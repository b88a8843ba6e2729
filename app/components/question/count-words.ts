export const countWords = (text: string): string => {
  const count = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].filter(
    (piece) => piece.isWordLike,
  ).length;
  return count === 1 ? "1 word" : `${count.toLocaleString("en")} words`;
};
