import type { Estimate } from "../estimate";
import { randomOf } from "../math/random";
import { studentQuantile } from "../math/student";
import { type Coefficient, sumsOf, weightedSums } from "./coefficient";
import type { Units } from "./ratings";

/** An estimate with its standard error, for whoever plans or tests with it. */
export interface Agreement extends Estimate {
  se: number | null;
}

/**
 * A measure of agreement with its 95 % interval: delete-one-group jackknife, Student's t with G−1 degrees of freedom on
 * Fisher's z. Items of one prompt are deleted together. Coverage measured: `npm run bench:coverage`.
 * Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 11; Fisher's z: Biometrika 10 (1915).
 */
export function agreement(coefficient: Coefficient, units: Units): Agreement {
  const sums = sumsOf(coefficient, units);
  const estimate = coefficient.finish(sums);
  const n = units.groups;
  const result = { estimate, n, dropped: units.dropped, se: null, low: null, high: null };
  const method = `${coefficient.method}; 95 % interval: delete-one jackknife, Fisher's z, t(n − 1)`;
  if (estimate === null) return { ...result, method, reason: coefficient.undefinedBecause(sums) };
  if (estimate < -1 + 1e-12)
    return {
      ...result,
      method,
      reason: `All of ${n} items disagree completely: there is no variance to read.`,
    };
  if (estimate > 1 - 1e-12) return { ...result, method, reason: noDisagreement(n) };
  const se = jackknifeError(coefficient, units, sums);
  if (se === null)
    return {
      ...result,
      method,
      reason: "Without one of the items it is undefined: too few say anything of the rest.",
    };
  if (se < 1e-12)
    return {
      ...result,
      method,
      reason: `It is the same without any one of the ${n} items: they say nothing of how much it varies.`,
    };
  return { ...result, method, se, ...fisherInterval(estimate, se, n - 1) };
}

/** At full agreement there is no variance to read; the rule of three bounds what was not seen. */
function noDisagreement(n: number): string {
  return `No disagreement was seen in ${n} items; it may be as frequent as ${Math.min(1, 3 / n).toPrecision(2)} (3/n).`;
}

/** θ ± t(degrees)·se on Fisher's z scale, where the error is se / (1 − θ²); |θ| < 1. */
export function fisherInterval(estimate: number, se: number, degrees: number): { low: number; high: number } {
  const half = (studentQuantile(0.975, degrees) * se) / (1 - estimate ** 2);
  const z = Math.atanh(estimate);
  return { low: Math.tanh(z - half), high: Math.tanh(z + half) };
}

/** The jackknife's standard error, √((G−1)/G Σ(θ₋g − mean)²), or null where one θ₋g is undefined or G < 2. */
export function jackknifeError(coefficient: Coefficient, units: Units, sums: Float64Array): number | null {
  const left = leftOut(coefficient, units, sums);
  return left && left.length > 1 ? errorOf(left) : null;
}

/** √((G−1)/G Σ(θ₋g − mean)²) of the values without each of G groups. */
export function errorOf(left: readonly number[]): number {
  const groups = left.length;
  const mean = left.reduce((sum, value) => sum + value, 0) / groups;
  const squares = left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt((squares * (groups - 1)) / groups);
}

/** The value without each group, in the order of the groups; null where one is undefined. */
export function leftOut(coefficient: Coefficient, units: Units, sums: Float64Array): number[] | null {
  const { patterns } = units;
  const members = membersOf(units);
  // Items voted on alike leave the same behind: one deletion serves them all.
  const alone = new Map<number, number | null>();
  const without = (indexes: Int32Array) => {
    const known = indexes.length === 1 ? alone.get(indexes[0]) : undefined;
    if (known !== undefined) return known;
    const rest = sums.slice();
    for (const pattern of indexes) coefficient.add(rest, patterns[pattern], -1);
    const value = coefficient.finish(rest);
    if (indexes.length === 1) alone.set(indexes[0], value);
    return value;
  };
  const left: number[] = [];
  for (const indexes of members) {
    const value = without(indexes);
    if (value === null) return null;
    left.push(value);
  }
  return left;
}

/** The patterns of each group's items. */
function membersOf({ groups, group, patternOf }: Units): Int32Array[] {
  const lists: number[][] = Array.from({ length: groups }, () => []);
  for (const [item, g] of group.entries()) lists[g].push(patternOf[item]);
  return lists.map((list) => Int32Array.from(list));
}

/**
 * The percentile bootstrap over groups, beside the interval above and a point or two narrower at small n: groups are
 * drawn with replacement, draws without a value are left out and counted in the reason.
 * @param draws how many resamples
 * @param seed of the draws; the same seed gives the same interval
 */
export function bootstrapAgreement(
  coefficient: Coefficient,
  units: Units,
  { draws, seed }: { draws: number; seed: number },
): Estimate {
  const sums = sumsOf(coefficient, units);
  const estimate = coefficient.finish(sums);
  const { groups, patterns, dropped } = units;
  const method = `${coefficient.method}; 95 % interval: percentile bootstrap of ${draws} draws, seed ${seed}`;
  const nothing = { estimate, low: null, high: null, method, n: groups, dropped };
  if (estimate === null) return { ...nothing, reason: coefficient.undefinedBecause(sums) };
  const random = randomOf(seed);
  const members = membersOf(units);
  const single = members.every((indexes) => indexes.length === 1);
  const weights = new Float64Array(patterns.length);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    weights.fill(0);
    if (single) for (let i = 0; i < groups; i++) weights[units.patternOf[(random() * groups) | 0]]++;
    else
      for (let i = 0; i < groups; i++)
        for (const pattern of members[(random() * groups) | 0]) weights[pattern]++;
    const value = coefficient.finish(weightedSums(coefficient, patterns, weights));
    if (value !== null) values.push(value);
  }
  if (values.length < draws / 2)
    return { ...nothing, reason: `Only ${values.length} of ${draws} draws had a value.` };
  const { low, high } = percentiles(values);
  return values.length === draws
    ? { ...nothing, low, high }
    : {
        ...nothing,
        low,
        high,
        reason: `${draws - values.length} of ${draws} draws had no value and are left out.`,
      };
}

/** The values that 2.5 % and 97.5 % of the given ones lie below, interpolated (Hyndman & Fan's type 7). */
function percentiles(values: readonly number[]): { low: number; high: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (p: number) => {
    const place = p * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return { low: at(0.025), high: at(0.975) };
}
