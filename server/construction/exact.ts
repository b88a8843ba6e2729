/**
 * What a text is to someone who counts copies: NFKC (full-width letters, ligatures), case folded, white space as one
 * space. Two texts with one key are exact duplicates.
 */
export const exactKey = (text: string): string =>
  // Upper case first: it alone folds ß to ss and the two small sigmas to one.
  text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(/\s+/gu, " ").trim();

/**
 * Which of the texts were there before, whole.
 * @param order the places of the texts in the order in which they are taken: of two copies the earlier one stays
 * @returns for each text the place of the one that stays, or null where it is the one
 */
export function exactDuplicates(
  texts: readonly string[],
  order: readonly number[] = [...texts.keys()],
): (number | null)[] {
  const first = new Map<string, number>();
  const found = new Array<number | null>(texts.length).fill(null);
  for (const place of order) {
    const key = exactKey(texts[place]);
    const before = first.get(key);
    if (before === undefined) first.set(key, place);
    else found[place] = before;
  }
  return found;
}
