import type { Estimate } from "../estimate";
import { studentQuantile } from "../math/student";

/** The rank of each value among all, from 1; equals share the mean of their ranks. */
function midranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

/**
 * Kendall's coefficient of concordance with ties, W = 12 Σ(R_j − R̄)² / (m²(n³−n) − m Σ(t³−t)), of m raters' midranks of
 * n objects: 0 no agreement, 1 the same order. Null where all is tied, or below two raters or objects.
 * Source: Kendall & Gibbons, Rank Correlation Methods, 5th ed. (1990), ch. 6.
 */
function kendallW(rankings: readonly (readonly number[])[]): number | null {
  const m = rankings.length;
  const n = rankings[0]?.length ?? 0;
  if (m < 2 || n < 2) return null;
  const ranks = rankings.map(midranks);
  const squares = ranks[0].reduce((sum, _, j) => {
    const total = ranks.reduce((rank, row) => rank + row[j], 0);
    return sum + (total - (m * (n + 1)) / 2) ** 2;
  }, 0);
  const ties = ranks.reduce((sum, row) => sum + tieTerm(row), 0);
  const most = m * m * (n ** 3 - n) - m * ties;
  return most > 0 ? (12 * squares) / most : null;
}

/** Σ(t³ − t) over groups of t equal ranks. */
function tieTerm(ranks: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  return [...sizes.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
}

/**
 * Kendall's τ-b of two rankings, (concordant − discordant) / √((pairs untied in one)(pairs untied in the other)).
 * Null where one of them ties everything. Source: Kendall, Biometrika 33 (1945), p. 239–251.
 */
function tauB(one: readonly number[], other: readonly number[]): number | null {
  let [score, a, b] = [0, 0, 0];
  for (let i = 0; i < one.length; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(one[i] - one[j]), Math.sign(other[i] - other[j])];
      score += x * y;
      a += x * x;
      b += y * y;
    }
  return a > 0 && b > 0 ? score / Math.sqrt(a * b) : null;
}

/** Spearman's ρ: Pearson's correlation of midranks; null where one ranking ties everything. */
function spearman(one: readonly number[], other: readonly number[]): number | null {
  const centred = [one, other].map((values) =>
    midranks(values).map((rank) => rank - (values.length + 1) / 2),
  );
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, each, i) => sum + each * y[i], 0);
  const scale = dot(centred[0], centred[0]) * dot(centred[1], centred[1]);
  return scale > 0 ? dot(centred[0], centred[1]) / Math.sqrt(scale) : null;
}

export interface RankAgreement {
  kendallW: number | null;
  meanTauB: number | null;
  meanSpearman: number | null;
  /** Pairs of raters, and how many of them have no value because one tied everything. */
  pairs: number;
  undefinedPairs: number;
  reason?: string;
}

/** How far raters rank the objects of one prompt alike: W, and the means of τ-b and ρ over pairs of raters. */
export function rankAgreement(rankings: readonly (readonly number[])[]): RankAgreement {
  const pairs = rankings.flatMap((one, i) => rankings.slice(0, i).map((other) => [one, other] as const));
  const taus = pairs.map(([one, other]) => tauB(one, other)).filter((value) => value !== null);
  const rhos = pairs.map(([one, other]) => spearman(one, other)).filter((value) => value !== null);
  const W = kendallW(rankings);
  const found = {
    kendallW: W,
    meanTauB: meanOf(taus),
    meanSpearman: meanOf(rhos),
    pairs: pairs.length,
    undefinedPairs: pairs.length - taus.length,
  };
  if (pairs.length === 0) return { ...found, reason: "One rater alone agrees with nobody." };
  return W === null ? { ...found, reason: "Everybody tied everything: no order was given." } : found;
}

/** The mean of a figure over prompts with its 95 % interval by t(n−1); prompts without it are counted as dropped. */
export function overPrompts(values: readonly (number | null)[], method: string): Estimate {
  const known = values.filter((value) => value !== null);
  const n = known.length;
  const found = { estimate: meanOf(known), low: null, high: null, method, n, dropped: values.length - n };
  if (found.estimate === null) return { ...found, reason: "No prompt has a value." };
  if (n < 2) return { ...found, reason: "One prompt alone says nothing of others." };
  const mean = found.estimate;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
  return { ...found, low: mean - half, high: mean + half };
}

const meanOf = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
