import { InputError } from "../estimate";

/** Votes in long form: row r says that rater `rater[r]` gave item `item[r]` the value `value[r]`. */
export interface Ratings {
  items: number;
  raters: number;
  item: Int32Array;
  rater: Int32Array;
  /** Values of the scale; NaN is refused. */
  value: Float64Array;
  /**
   * The question's scale, every point whether used or not. Left out, the values that occur stand for it, which is right
   * only for measures that do not ask for the rest (Krippendorff's).
   */
  categories?: readonly number[];
  /** The prompt of each item: items of one prompt are deleted and drawn together. Left out, each item is its own. */
  group?: Int32Array;
}

/** How one item was voted on: category `category[i]` by rater `rater[i]`. Items voted on alike share a pattern. */
export interface Pattern {
  category: Int32Array;
  rater: Int32Array;
}

/** Ratings by item, each rater once, categories as indexes. */
export interface Units {
  categories: readonly number[];
  raters: number;
  patterns: readonly Pattern[];
  /** The pattern of each item. */
  patternOf: Int32Array;
  /** The group of each item, and how many there are. */
  group: Int32Array;
  groups: number;
  /** Votes that did not count: the earlier ones of a rater on an item. */
  dropped: number;
}

/**
 * Ratings by item. A rater's repeated vote on an item: the last row counts, the others are counted as dropped. Items are
 * gathered by pattern (the same categories; with `byRater`, from the same raters), so that what is linear in items costs
 * by pattern.
 * @throws InputError for a value that is NaN or off the scale, naming the row
 */
export function unitsOf(ratings: Ratings, { byRater = false }: { byRater?: boolean } = {}): Units {
  const { items, item, rater, value } = ratings;
  const categories = ratings.categories ?? [...new Set(value)].sort((one, other) => one - other);
  const place = new Map(categories.map((category, k) => [category, k]));
  const rows = lastVotes(ratings);
  const patterns: Pattern[] = [];
  const known = new Map<string, number>();
  const patternOf = new Int32Array(items);
  for (let i = 0, at = 0; i < items; i++) {
    const votes: [category: number, rater: number][] = [];
    for (; at < rows.length && item[rows[at]] === i; at++) {
      const k = place.get(value[rows[at]]);
      if (k === undefined || Number.isNaN(value[rows[at]]))
        throw new InputError(
          `vote ${rows[at]}: ${value[rows[at]]} is not on the scale ${categories.join(", ")}`,
        );
      votes.push([k, rater[rows[at]]]);
    }
    votes.sort(byRater ? (a, b) => a[1] - b[1] : (a, b) => a[0] - b[0]);
    const key = votes.map(([k, who]) => (byRater ? `${who}:${k}` : k)).join(" ");
    let pattern = known.get(key);
    if (pattern === undefined) {
      pattern = patterns.length;
      known.set(key, pattern);
      patterns.push({
        category: Int32Array.from(votes, ([k]) => k),
        rater: Int32Array.from(votes, ([, who]) => who),
      });
    }
    patternOf[i] = pattern;
  }
  const group = ratings.group ?? Int32Array.from({ length: items }, (_, i) => i);
  const groups = group.reduce((most, each) => Math.max(most, each + 1), 0);
  return {
    categories,
    raters: ratings.raters,
    patterns,
    patternOf,
    group,
    groups,
    dropped: value.length - rows.length,
  };
}

/** The rows that count, by item: of a rater's rows on an item the last. */
function lastVotes({ items, raters, item, rater }: Ratings): Int32Array {
  const starts = new Int32Array(items + 1);
  for (const i of item) starts[i + 1]++;
  for (let i = 0; i < items; i++) starts[i + 1] += starts[i];
  const rows = new Int32Array(item.length);
  const next = starts.slice();
  for (let row = 0; row < item.length; row++) rows[next[item[row]]++] = row;
  const lastItem = new Int32Array(raters).fill(-1);
  let kept = item.length;
  for (let i = items - 1; i >= 0; i--)
    for (let at = starts[i + 1] - 1; at >= starts[i]; at--) {
      const who = rater[rows[at]];
      if (lastItem[who] === i) continue;
      lastItem[who] = i;
      rows[--kept] = rows[at];
    }
  return rows.slice(kept);
}
