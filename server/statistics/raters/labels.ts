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
  const last = new Map<number, number>();
  for (let row = 0; row < label.length; row++) last.set(item[row] * raters + rater[row], row);
  const keys = Float64Array.from(last.keys()).sort();
  const rows = Int32Array.from(keys, (key) => last.get(key) ?? 0);
  return {
    ...labels,
    item: Int32Array.from(rows, (row) => item[row]),
    rater: Int32Array.from(rows, (row) => rater[row]),
    label: Int32Array.from(rows, (row) => label[row]),
    dropped: label.length - rows.length,
  };
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
