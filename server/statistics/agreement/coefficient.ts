import type { Pattern, Units } from "./ratings";

/**
 * A measure of agreement as sums over items and what is made of them. All of ours are of this form, so one jackknife and
 * one bootstrap serve them all: to delete or repeat an item is to subtract or add its share of the sums.
 */
export interface Coefficient {
  /** What the number is called on a page, with its source. */
  method: string;
  /** How many sums there are. */
  size: number;
  /** Adds `weight` times the share of an item of this pattern. */
  add(sums: Float64Array, pattern: Pattern, weight: number): void;
  /** The measure, or null with `undefinedBecause` for the reason. */
  finish(sums: Float64Array): number | null;
  /** Why `finish` gave null. */
  undefinedBecause(sums: Float64Array): string;
}

export const NO_PAIR = "No two raters judged the same item.";
export const ONE_VALUE = "Everybody gave the same answer throughout: agreement beyond chance is undefined.";

/** The sums over all items. */
export function sumsOf(coefficient: Coefficient, { patterns, patternOf }: Units): Float64Array {
  const weights = new Float64Array(patterns.length);
  for (const pattern of patternOf) weights[pattern]++;
  return weightedSums(coefficient, patterns, weights);
}

export function weightedSums(
  coefficient: Coefficient,
  patterns: readonly Pattern[],
  weights: Float64Array,
): Float64Array {
  const sums = new Float64Array(coefficient.size);
  for (const [p, pattern] of patterns.entries())
    if (weights[p] !== 0) coefficient.add(sums, pattern, weights[p]);
  return sums;
}
