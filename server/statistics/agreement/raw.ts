import { type Coefficient, NO_PAIR } from "./coefficient";

/** What weighs the same: each pair of raters, each item, or each vote. */
export type RawWeighting = "pair" | "item" | "value";

/**
 * Raw agreement, chance not taken off, over items with m ≥ 2 votes, r_k of them for k: `pair` Σ r(r−1) / Σ m(m−1);
 * `item` the mean over items of Σ_k r(r−1) / (m(m−1)); `value` the same weighted by m. Unit: share, 0 to 1.
 * Source: Fleiss, Psychological Bulletin 76 (1971), p. 379, eq. 2 for one item.
 */
export function raw(weighting: RawWeighting = "item"): Coefficient {
  return {
    method: `raw agreement, each ${weighting} weighs the same`,
    size: 2,
    add(sums, { category }, weight) {
      const m = category.length;
      if (m < 2) return;
      let equal = 0;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < m; j++) if (i !== j && category[i] === category[j]) equal++;
      const pairs = m * (m - 1);
      const counts = weighting === "pair" ? pairs : weighting === "item" ? 1 : m;
      sums[0] += (weight * counts * equal) / pairs;
      sums[1] += weight * counts;
    },
    finish: (sums) => (sums[1] > 1e-9 ? sums[0] / sums[1] : null),
    undefinedBecause: () => NO_PAIR,
  };
}
