import { type Coefficient, NO_PAIR } from "./coefficient";
import type { Units } from "./ratings";
import { agreementWeights, type Weighting } from "./weights";

/**
 * Cohen's κ of two raters, (po − pe) / (1 − pe) with po = Σ w p_kl and pe = Σ w p_k· p_·l over the items that both
 * judged; distances are those of the scale's values, so an unused point still counts (scikit-learn needs `labels=` for
 * that). No unit, at most 1.
 * Source: Cohen, Educational and Psychological Measurement 20 (1960); weighted: Psychological Bulletin 70 (1968).
 * @param pair the two raters' numbers in the units, which must be made `byRater`
 */
export function cohen(
  units: Units,
  weighting: Weighting,
  [one, other]: readonly [number, number],
): Coefficient {
  const { categories } = units;
  const q = categories.length;
  const weights = agreementWeights(categories, weighting);
  return {
    method: weighting === "identity" ? "Cohen's κ" : `Cohen's κ, ${weighting} weights`,
    size: q * q,
    add(sums, { category, rater }, weight) {
      const [k, l] = [category[rater.indexOf(one)], category[rater.indexOf(other)]];
      if (k !== undefined && l !== undefined) sums[k * q + l] += weight;
    },
    finish(sums) {
      const n = sums.reduce((sum, each) => sum + each, 0);
      if (n < 1e-9) return null;
      const [rows, columns] = [new Float64Array(q), new Float64Array(q)];
      let observed = 0;
      for (let at = 0; at < q * q; at++) {
        observed += (weights[at] * sums[at]) / n;
        rows[Math.floor(at / q)] += sums[at] / n;
        columns[at % q] += sums[at] / n;
      }
      let chance = 0;
      for (let at = 0; at < q * q; at++) chance += weights[at] * rows[Math.floor(at / q)] * columns[at % q];
      return 1 - chance > 1e-12 ? (observed - chance) / (1 - chance) : null;
    },
    undefinedBecause: (sums) =>
      sums.every((sum) => sum < 1e-9)
        ? NO_PAIR
        : "Both raters gave the same one answer throughout: agreement beyond chance is undefined.",
  };
}
