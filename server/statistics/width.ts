import { studentQuantile } from "./math/student";

/** What a width is reckoned from. */
export interface Pilot {
  /** Of a row, so that n rows have a standard error of √(variance/n), their clusters taken into account. */
  variance: number;
  /** The squared correlation of predictions and people, 0 where it is negative: the share that predictions explain. */
  explained: number;
  /** Rows with a prediction. */
  rows: number;
  /** Rows that people judged, and their clusters. */
  judged: number;
  clusters: number;
}

/**
 * Half of the 95 % interval once people have judged `judged` rows, drawn at random, from the spread of a pilot:
 * t √(V/n (1 − R²(1 − n/M))), M the rows with a prediction; beyond these predictions add nothing. R² = 0: people alone.
 */
export function halfWidthAt({ variance, explained, rows, ...of }: Pilot, judged: number): number {
  const clusters = Math.max(2, (judged * of.clusters) / of.judged);
  const left = explained * Math.max(0, 1 - judged / rows);
  return studentQuantile(0.975, clusters - 1) * Math.sqrt((variance / judged) * (1 - left));
}

/** As many rows as an interval of ± `halfWidth` needs in all; null above a thousand million. */
export function judgedFor(pilot: Pilot, halfWidth: number): number | null {
  let [low, high] = [2, 4];
  while (halfWidthAt(pilot, high) > halfWidth) {
    if (high > 1e9) return null;
    [low, high] = [high, 2 * high];
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (halfWidthAt(pilot, middle) > halfWidth) low = middle + 1;
    else high = middle;
  }
  return high;
}

/** The same pilot without a judge. */
export const peopleAlone = (pilot: Pilot): Pilot => ({ ...pilot, explained: 0 });
