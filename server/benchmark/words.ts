/** Texts as words and runs of words, for whatever asks what two of them have in common. */

/** GPT-3's run of words that says that a text was met (T. Brown et al., arXiv 2005.14165, appendix C). */
export const longRun = 13;
/** A text of fewer words says nothing by itself: "Paris" is everywhere. */
export const tellingWords = 4;

/** Letters and digits in lower case; a character of a script without spaces is a word of its own. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+/gu) ??
  [];

/** The run of so many words that begins at a place. */
export const runAt = (words: readonly string[], start: number, length: number): string =>
  words.slice(start, start + length).join(" ");

/** All runs of so many words, in their order. */
export function* runsOf(words: readonly string[], length: number): Generator<string> {
  for (let start = 0; start + length <= words.length; start++) yield runAt(words, start, length);
}
