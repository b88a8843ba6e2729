/** A figure with what it needs to be read: what every statistic returns. */
export interface Estimate {
  /** Null where it is undefined; `reason` then says why. Never NaN, and never 0 or 1 for want of anything better. */
  estimate: number | null;
  /** The 95 % interval, null where none can be given. */
  low: number | null;
  high: number | null;
  /** What was computed and how the interval was made, in words. */
  method: string;
  /** The independent units that the interval counts: items, or the prompts they belong to. */
  n: number;
  /** Votes that were given and did not count, such as the first of two by one rater on one item. */
  dropped: number;
  /** Why there is no estimate or no interval. */
  reason?: string;
}

/** A coefficient with its 95 % interval, as text: "0.41 [0.30, 0.52]"; without an estimate, why there is none. */
export function coefficientText({
  estimate,
  low,
  high,
  reason,
}: Pick<Estimate, "estimate" | "low" | "high" | "reason">): string {
  if (estimate === null) return `not known: ${reason ?? "too few votes"}`;
  const bounds = low === null || high === null ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${estimate.toFixed(2)}${bounds}`;
}

/** Input that no statistic may guess about: names the place, and what to do. */
export class InputError extends Error {}
