import { countedLabels, type Labels, voteShares } from "./labels";

export interface Majority {
  /** Each item's class with the most votes; null where two have as many, or none has any. */
  label: (number | null)[];
  tied: number;
}

/** The plain majority. A tie is a tie: to name the class that sorts first would push all ties to one side. */
export function majority(labels: Labels): Majority {
  const counted = countedLabels(labels);
  const { items, classes } = counted;
  const shares = voteShares(counted);
  const label = Array.from({ length: items }, (_, i) => {
    const own = shares.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...own);
    const first = own.indexOf(most);
    return first === own.lastIndexOf(most) ? first : null;
  });
  return { label, tied: label.filter((each) => each === null).length };
}

/**
 * Wawa, "worker agreement with aggregate": the share of each rater's votes that agree with the majority, in plain words
 * what a page shows. A tied item counts for the least of its classes, as the reference has it (crowd-kit 1.4.2), or with
 * `ties: "leave out"` not at all. Null for a rater without votes. Unit: share.
 */
export function wawa(
  labels: Labels,
  { ties = "least" }: { ties?: "least" | "leave out" } = {},
): (number | null)[] {
  const counted = countedLabels(labels);
  const { classes, raters, item, rater, label } = counted;
  const shares = voteShares(counted);
  const plain = majority(labels).label;
  const chosen = plain.map((each, i) => {
    if (each !== null || ties === "leave out") return each;
    const own = shares.subarray(i * classes, (i + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
  const [agreeing, votes] = [new Float64Array(raters), new Float64Array(raters)];
  for (let v = 0; v < label.length; v++) {
    if (chosen[item[v]] === null) continue;
    votes[rater[v]]++;
    if (chosen[item[v]] === label[v]) agreeing[rater[v]]++;
  }
  return Array.from(votes, (n, r) => (n === 0 ? null : agreeing[r] / n));
}
