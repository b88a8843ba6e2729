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
    const row = column.findIndex((value) => !(value >= 0 && value < size));
    if (row >= 0) throw new InputError(`labels[${row}]: there is no ${name} ${column[row]} of ${size}`);
  }
  const sorted = sortedBy(
    item,
    items,
    sortedBy(
      rater,
      raters,
      label.map((_, row) => row),
    ),
  );
  const rows = sorted.filter((row, at) => {
    const next = sorted[at + 1];
    return next === undefined || item[next] !== item[row] || rater[next] !== rater[row];
  });
  return {
    ...labels,
    item: rows.map((row) => item[row]),
    rater: rows.map((row) => rater[row]),
    label: rows.map((row) => label[row]),
    dropped: label.length - rows.length,
  };
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
