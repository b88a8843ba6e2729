import type { Clusters } from "../clustered-share";
import { fisherInterval } from "./interval";

export interface RawAgreement {
  /** Null where no two raters judged the same. */
  estimate: number | null;
  /** The 95 % interval; null where there is nothing to read it from. */
  low: number | null;
  high: number | null;
  /** Comparisons of two raters, and the prompts that they belong to, which are what is independent. */
  n: number;
  prompts: number;
  /** Why there is no estimate or no interval. */
  reason?: string;
}

/**
 * Raw agreement from totals that the database counted: of all comparisons of two raters of one pair, the share that came out the same. Each comparison
 * weighs the same ("pair" weighting, Σ r(r−1) / Σ m(m−1)); what chance alone would give is not taken off. The 95 %
 * interval deletes one prompt at a time (jackknife) and is Student's on Fisher's z with G−1 degrees of freedom, since
 * comparisons on one prompt are not independent: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 11.
 * @param deviation the population standard deviation of the estimates without one prompt each
 */
export function rawAgreement({
  agreeing,
  comparisons: n,
  prompts,
  deviation,
}: {
  agreeing: number;
  comparisons: number;
  prompts: number;
  deviation: number | null;
}): RawAgreement {
  const nothing = { low: null, high: null, n, prompts };
  if (n === 0) return { estimate: null, ...nothing, reason: "No two raters judged the same pair yet." };
  const estimate = agreeing / n;
  if (estimate === 1)
    return { estimate, ...nothing, reason: `No disagreement was seen in ${n} comparisons.` };
  if (prompts < 2 || !deviation)
    return { estimate, ...nothing, reason: "The prompts say nothing of how much it varies." };
  const { low, high } = fisherInterval(estimate, deviation * Math.sqrt(prompts - 1), prompts - 1);
  return { estimate, low: Math.max(0, low), high, n, prompts };
}

/** `rawAgreement` of comparisons that are counted by prompt: of how many comparisons how many came out the same. */
export function rawAgreementOf(prompts: readonly Clusters[]): RawAgreement {
  const sum = (value: (one: Clusters) => number) =>
    prompts.reduce((total, one) => total + one.clusters * value(one), 0);
  const [agreeing, comparisons, counted] = [sum((one) => one.count), sum((one) => one.of), sum(() => 1)];
  const without = (one: Clusters) => (agreeing - one.count) / (comparisons - one.of);
  const isOne = counted < 2;
  const mean = isOne ? 0 : sum(without) / counted;
  const deviation = isOne ? null : Math.sqrt(sum((one) => (without(one) - mean) ** 2) / counted);
  return rawAgreement({ agreeing, comparisons, prompts: counted, deviation });
}
