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

/** Input that no statistic may guess about: names the place, and what to do. */
export class InputError extends Error {}
