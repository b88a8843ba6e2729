import { type Coefficient, NO_PAIR, ONE_VALUE } from "./coefficient";
import type { Units } from "./ratings";
import { agreementWeights, type Weighting } from "./weights";

/** Sums shared by Fleiss, Gwet and Conger: observed agreement, items with two votes or more, and one per category. */
const [OBSERVED, PAIRED, JUDGED, SHARES] = [0, 1, 2, 3];

/**
 * Agreement beyond chance, (pa − pe) / (1 − pe), with pa the mean over items with m ≥ 2 votes of
 * Σ_k r_k (Σ_l w_kl r_l − 1) / (m(m−1)) and π_k the mean over items with m ≥ 1 of r_k / m. The two differ in pe:
 * `fleiss` Σ w_kl π_k π_l (Fleiss, Psychological Bulletin 76, 1971; for missing votes and weights Gwet, Handbook of
 * Inter-Rater Reliability, 2014, ch. 2–3); `gwet` Σw / (q(q−1)) · Σ π(1−π) over all q points of the scale, used or not
 * (Gwet, British Journal of Mathematical and Statistical Psychology 61, 2008: AC1, with weights AC2). No unit, at most 1.
 */
export function beyondChance(kind: "fleiss" | "gwet", units: Units, weighting: Weighting): Coefficient {
  const { categories } = units;
  const q = categories.length;
  const weights = agreementWeights(categories, weighting);
  const total = weights.reduce((sum, each) => sum + each, 0);
  const name = kind === "fleiss" ? "Fleiss' κ" : weighting === "identity" ? "Gwet's AC1" : "Gwet's AC2";
  return {
    method: weighting === "identity" ? name : `${name}, ${weighting} weights`,
    size: SHARES + q,
    add(sums, pattern, weight) {
      addObserved(sums, pattern.category, weight, weights, q);
    },
    finish(sums) {
      if (sums[PAIRED] < 1e-9 || usedOf(sums, q) < 2) return null;
      const share = (k: number) => sums[SHARES + k] / sums[JUDGED];
      let chance = 0;
      for (let k = 0; k < q; k++) {
        if (kind === "gwet") chance += (total / (q * (q - 1))) * share(k) * (1 - share(k));
        else for (let l = 0; l < q; l++) chance += weights[k * q + l] * share(k) * share(l);
      }
      return corrected(sums[OBSERVED] / sums[PAIRED], chance);
    },
    undefinedBecause: (sums) => (sums[PAIRED] < 1e-9 ? NO_PAIR : ONE_VALUE),
  };
}

/**
 * Conger's κ for the same few raters throughout: as Fleiss' but pe = Σ w_kl (π̄_k π̄_l − S_kl / R), with π̄ the mean of the
 * raters' own marginal shares and S their covariance over raters (divisor R − 1), so that two raters give Cohen's κ.
 * Source: Conger, Psychological Bulletin 88 (1980), p. 322–328; missing votes: Gwet 2014, ch. 2. Needs `byRater` units.
 */
export function conger(units: Units, weighting: Weighting): Coefficient {
  const { categories, raters } = units;
  const q = categories.length;
  const weights = agreementWeights(categories, weighting);
  const marginals = SHARES + q;
  return {
    method: weighting === "identity" ? "Conger's κ" : `Conger's κ, ${weighting} weights`,
    size: marginals + raters * q,
    add(sums, { category, rater }, weight) {
      addObserved(sums, category, weight, weights, q);
      for (const [i, who] of rater.entries()) sums[marginals + who * q + category[i]] += weight;
    },
    finish(sums) {
      if (sums[PAIRED] < 1e-9 || usedOf(sums, q) < 2) return null;
      const shares: Float64Array[] = [];
      for (let who = 0; who < raters; who++) {
        const counts = sums.slice(marginals + who * q, marginals + (who + 1) * q);
        const votes = counts.reduce((sum, each) => sum + each, 0);
        if (votes > 1e-9) shares.push(counts.map((count) => count / votes));
      }
      const seen = shares.length;
      if (seen < 2) return null;
      const mean = new Float64Array(q).map((_, k) => shares.reduce((sum, share) => sum + share[k], 0) / seen);
      let chance = 0;
      for (let k = 0; k < q; k++)
        for (let l = 0; l < q; l++) {
          const apart = shares.reduce((sum, share) => sum + (share[k] - mean[k]) * (share[l] - mean[l]), 0);
          chance += weights[k * q + l] * (mean[k] * mean[l] - apart / (seen - 1) / seen);
        }
      return corrected(sums[OBSERVED] / sums[PAIRED], chance);
    },
    undefinedBecause: (sums) => (sums[PAIRED] < 1e-9 ? NO_PAIR : ONE_VALUE),
  };
}

function addObserved(
  sums: Float64Array,
  category: Int32Array,
  weight: number,
  weights: Float64Array,
  q: number,
): void {
  const m = category.length;
  if (m === 0) return;
  sums[JUDGED] += weight;
  for (const k of category) sums[SHARES + k] += weight / m;
  if (m < 2) return;
  let agreeing = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) if (i !== j) agreeing += weights[category[i] * q + category[j]];
  sums[OBSERVED] += (weight * agreeing) / (m * (m - 1));
  sums[PAIRED] += weight;
}

/** How many points of the scale were used. */
function usedOf(sums: Float64Array, q: number): number {
  let used = 0;
  for (let k = 0; k < q; k++) if (sums[SHARES + k] > 1e-9) used++;
  return used;
}

const corrected = (observed: number, chance: number) =>
  1 - chance > 1e-12 ? (observed - chance) / (1 - chance) : null;
