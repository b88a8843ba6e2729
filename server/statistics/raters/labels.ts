import { InputError } from "../estimate";

/** Votes for classes: row v says that rater `rater[v]` called item `item[v]` class `label[v]`; all counted from 0. */
export interface Labels {
  items: number;
  raters: number;
  classes: number;
  item: Int32Array;
  rater: Int32Array;
  label: Int32Array;
}

/**
 * The labels that count: of a rater's repeated votes on an item the last, in the order of items and raters, so that the
 * order of rows, which says nothing, cannot matter to the last bit.
 * @throws InputError for a number out of range, naming the row
 */
export function countedLabels(labels: Labels): Labels & { dropped: number } {
  const { items, raters, classes, item, rater, label } = labels;
  for (const [name, column, size] of [
    ["item", item, items],
    ["rater", rater, raters],
    ["class", label, classes],
  ] as const) {
    for (let row = 0; row < column.length; row++)
      if (!(column[row] >= 0 && column[row] < size))
        throw new InputError(`labels[${row}]: there is no ${name} ${column[row]} of ${size}`);
  }
  const asGiven = new Int32Array(label.length);
  for (let row = 0; row < asGiven.length; row++) asGiven[row] = row;
  const sorted = sortedBy(item, items, sortedBy(rater, raters, asGiven));
  let kept = 0;
  for (let at = 0; at < sorted.length; at++) {
    const [row, next] = [sorted[at], sorted[at + 1]];
    if (next === undefined || item[next] !== item[row] || rater[next] !== rater[row]) sorted[kept++] = row;
  }
  const of = (column: Int32Array) => {
    const picked = new Int32Array(kept);
    for (let at = 0; at < kept; at++) picked[at] = column[sorted[at]];
    return picked;
  };
  return { ...labels, item: of(item), rater: of(rater), label: of(label), dropped: label.length - kept };
}

/** The rows in the order of a column, equal ones as they stood: a counting sort, which takes two passes. */
function sortedBy(column: Int32Array, size: number, rows: Int32Array): Int32Array {
  const place = new Int32Array(size + 1);
  for (const row of rows) place[column[row] + 1]++;
  for (let value = 0; value < size; value++) place[value + 1] += place[value];
  const sorted = new Int32Array(rows.length);
  for (const row of rows) sorted[place[column[row]]++] = row;
  return sorted;
}

/** Each item's shares of votes, row by row; equal shares where nobody voted. */
export function voteShares({ items, classes, item, label }: Labels): Float64Array {
  const shares = new Float64Array(items * classes);
  const votes = new Float64Array(items);
  for (let v = 0; v < label.length; v++) {
    shares[item[v] * classes + label[v]]++;
    votes[item[v]]++;
  }
  return shares.map((count, at) => {
    const m = votes[Math.floor(at / classes)];
    return m === 0 ? 1 / classes : count / m;
  });
}
