/** Draws from a vocabulary of made-up words by Zipf's law, as in a language. */
export function madeUpWords(size: number, random: () => number): () => string {
  const words = Array.from({ length: size }, (_, i) => `${"bdfgklmnprst"[i % 12]}${(i * 7919).toString(36)}`);
  return () => words[Math.floor(size ** random()) - 1];
}
