/**
 * Rows whose tags differ: in rounds, from the row with most tags down, a row is taken when it brings a tag that its round
 * has not yet. Complexity is the number of tags, diversity is what they cover. Of equally many the earlier row goes first.
 * Source: K. Lu et al., #InsTag, arXiv 2308.07074, algorithm 1.
 * @param tags of each row; rows without any are never taken
 * @returns the rows in the order in which they were taken
 */
export function byTags(tags: readonly (readonly string[])[], most: number): number[] {
  const kinds = tags.map((own) => new Set(own));
  let left = [...kinds.keys()].filter((row) => kinds[row].size > 0);
  left.sort((one, other) => kinds[other].size - kinds[one].size || one - other);
  const taken: number[] = [];
  while (left.length > 0 && taken.length < most) {
    const covered = new Set<string>();
    left = left.filter((row) => {
      const brings = [...kinds[row]].some((tag) => !covered.has(tag));
      if (!brings || taken.length >= most) return true;
      for (const tag of kinds[row]) covered.add(tag);
      taken.push(row);
      return false;
    });
  }
  return taken;
}
