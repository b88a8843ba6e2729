import { InputError } from "../estimate";
import { type Coefficient, NO_PAIR, ONE_VALUE } from "./coefficient";
import type { Units } from "./ratings";

/** What a distance on the scale means. */
export type Level = "nominal" | "ordinal" | "interval" | "ratio";

/**
 * Krippendorff's α = 1 − (n−1) Σ o_ck δ²_ck / Σ n_c n_k δ²_ck, with coincidences
 * o_ck = Σ_u (r_uc r_uk − [c=k] r_uc) / (m_u − 1) over items with m_u ≥ 2 votes, n_c = Σ_k o_ck and n = Σ n_c.
 * δ²: nominal [c≠k]; ordinal (Σ_{g=c..k} n_g − (n_c+n_k)/2)², which is the squared distance of midranks; interval
 * (c−k)²; ratio ((c−k)/(c+k))², 0 for 0/0. No unit, at most 1. Any number of raters, votes may be missing.
 * Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
 *
 * @param symmetric for preferences on −s … s: coincidences (O + O^σ)/2 with σ: c → −c, so that which of two responses is
 *   called the first changes nothing. Right only where sides were drawn at random and raters were blind: otherwise a
 *   bias that raters share counts as agreement.
 * @param mirror σ, where a category that is no point of the scale is its own image, as "both bad" is
 */
export function krippendorff(
  units: Units,
  level: Level,
  {
    symmetric = false,
    mirror = (value) => -value || 0,
  }: { symmetric?: boolean; mirror?: (value: number) => number } = {},
): Coefficient {
  const values = symmetric
    ? mirrored(units.categories, mirror)
    : [...units.categories].sort((one, other) => one - other);
  const q = values.length;
  const at = new Map(values.map((value, k) => [value, k]));
  const placeOf = Int32Array.from(units.categories, (category) => at.get(category) ?? 0);
  const mirrorOf = Int32Array.from(values, (value) => at.get(mirror(value)) ?? 0);
  // Only pairs of categories that meet on an item have a sum: continuous ratings have thousands of categories.
  const pairs = new Map<number, number>();
  const first: number[] = [];
  const second: number[] = [];
  const pairOf = (c: number, k: number) => {
    const key = c < k ? c * q + k : k * q + c;
    const known = pairs.get(key);
    if (known !== undefined) return known;
    pairs.set(key, first.length);
    first.push(Math.min(c, k));
    return second.push(Math.max(c, k)) - 1;
  };
  for (const { category } of units.patterns)
    for (const c of category)
      for (const k of category)
        if (placeOf[c] < placeOf[k]) {
          pairOf(placeOf[c], placeOf[k]);
          if (symmetric) pairOf(mirrorOf[placeOf[c]], mirrorOf[placeOf[k]]);
        }
  const met = first.length;
  const distance = (one: number, other: number) =>
    level === "nominal"
      ? one === other
        ? 0
        : 1
      : level === "ratio"
        ? one + other === 0
          ? 0
          : ((one - other) / (one + other)) ** 2
        : (one - other) ** 2;
  return {
    method: `Krippendorff's α, ${level}${symmetric ? ", both orientations of every pair" : ""}`,
    size: met + q,
    add(sums, { category }, weight) {
      const m = category.length;
      if (m < 2) return;
      const share = weight / (m - 1);
      for (let i = 0; i < m; i++) {
        const c = placeOf[category[i]];
        sums[met + c] += symmetric ? weight / 2 : weight;
        if (symmetric) sums[met + mirrorOf[c]] += weight / 2;
        for (let j = i + 1; j < m; j++) {
          const k = placeOf[category[j]];
          if (c === k) continue;
          sums[pairOf(c, k)] += symmetric ? share / 2 : share;
          if (symmetric) sums[pairOf(mirrorOf[c], mirrorOf[k])] += share / 2;
        }
      }
    },
    finish(sums) {
      let n = 0;
      for (let c = 0; c < q; c++) n += sums[met + c];
      if (n < 1.5) return null;
      const scale = level === "ordinal" ? midranks(sums.subarray(met)) : values;
      let observed = 0;
      for (let p = 0; p < met; p++)
        if (sums[p] !== 0) observed += 2 * sums[p] * distance(scale[first[p]], scale[second[p]]);
      const expected = expectedOf(sums.subarray(met), scale, n, level, distance);
      return expected > 1e-9 * n ? 1 - ((n - 1) * observed) / expected : null;
    },
    undefinedBecause: (sums) => (sums.subarray(met).every((count) => count < 1e-9) ? NO_PAIR : ONE_VALUE),
  };
}

/** Σ n_c n_k δ² over all pairs of categories, by moments where they do. */
function expectedOf(
  counts: Float64Array,
  scale: ArrayLike<number>,
  n: number,
  level: Level,
  distance: (one: number, other: number) => number,
): number {
  let sum = 0;
  if (level === "ratio") {
    for (let c = 0; c < counts.length; c++)
      for (let k = 0; k < c; k++) sum += 2 * counts[c] * counts[k] * distance(scale[c], scale[k]);
    return sum;
  }
  if (level === "nominal") {
    for (const count of counts) sum += count * (n - count);
    return sum;
  }
  let mean = 0;
  for (let c = 0; c < counts.length; c++) mean += (counts[c] * scale[c]) / n;
  for (let c = 0; c < counts.length; c++) sum += counts[c] * (scale[c] - mean) ** 2;
  return 2 * n * sum;
}

/** The midrank of each category: their distances are Krippendorff's ordinal ones. */
function midranks(counts: Float64Array): Float64Array {
  let below = 0;
  return counts.map((count) => {
    below += count;
    return below - count / 2;
  });
}

/** The scale with the mirror image of every value. */
function mirrored(categories: readonly number[], mirror: (value: number) => number): number[] {
  if (categories.some((value) => !Number.isFinite(value)))
    throw new InputError("categories: a swap-symmetric measure needs signed values, such as -3 to 3");
  return [...new Set(categories.flatMap((value) => [value || 0, mirror(value)]))].sort(
    (one, other) => one - other,
  );
}
