import { fQuantile } from "../math/beta";
import type { Coefficient } from "./coefficient";
import { NO_PAIR } from "./coefficient";
import type { Units } from "./ratings";

/** A correlation with its 95 % F interval. */
interface Correlation {
  estimate: number;
  low: number;
  high: number;
}

/** Shrout & Fleiss' six: 1 raters differ by item, 2 raters a sample, 3 these raters; `k` for the mean of k raters. */
export interface IntraclassCorrelations {
  ICC1: Correlation;
  ICC1k: Correlation;
  ICC2: Correlation;
  ICC2k: Correlation;
  ICC3: Correlation;
  ICC3k: Correlation;
}

/**
 * Intraclass correlations of a complete block of n items × k raters, with F intervals (exact for normal ratings; on
 * skewed 1–5 scores they cover 91.5 %, and `oneWay` with the jackknife should be shown).
 * Sources: Shrout & Fleiss, Psychological Bulletin 86 (1979), p. 420–428; intervals of ICC2 = ICC(A,1) and ICC3 =
 * ICC(C,1): McGraw & Wong, Psychological Methods 1 (1996), p. 30–46.
 * @returns null where ratings do not vary, or below two items or two raters
 */
export function intraclass(ratings: readonly (readonly number[])[]): IntraclassCorrelations | null {
  const n = ratings.length;
  const k = ratings[0]?.length ?? 0;
  if (n < 2 || k < 2) return null;
  const grand = ratings.flat().reduce((sum, x) => sum + x, 0) / (n * k);
  const rowMeans = ratings.map((row) => row.reduce((sum, x) => sum + x, 0) / k);
  const columnMeans = ratings[0].map((_, j) => ratings.reduce((sum, row) => sum + row[j], 0) / n);
  const squares = (values: readonly number[]) => values.reduce((sum, x) => sum + (x - grand) ** 2, 0);
  const [between, raters, total] = [k * squares(rowMeans), n * squares(columnMeans), squares(ratings.flat())];
  if (between <= 1e-12 * total || total === 0) return null;
  const msr = between / (n - 1);
  const msw = (total - between) / (n * (k - 1));
  const msc = raters / (k - 1);
  const mse = Math.max(0, (total - between - raters) / ((n - 1) * (k - 1)));
  if (msw <= 0 || mse <= 0) return null;

  const single = (f: number) => (f - 1) / (f + k - 1);
  const mean = (f: number) => 1 - 1 / f;
  /** Both forms of an F ratio and its interval. */
  const forms = (f: number, error: number): [Correlation, Correlation] => {
    const low = f / fQuantile(0.975, n - 1, error);
    const high = f * fQuantile(0.975, error, n - 1);
    const as = (of: typeof single) => ({ estimate: of(f), low: of(low), high: of(high) });
    return [as(single), as(mean)];
  };
  const [ICC1, ICC1k] = forms(msr / msw, n * (k - 1));
  const [ICC3, ICC3k] = forms(msr / mse, (n - 1) * (k - 1));
  const two = (msr - mse) / (msr + (k - 1) * mse + (k * (msc - mse)) / n);
  const a = (k * two) / (n * (1 - two));
  const b = 1 + (k * two * (n - 1)) / (n * (1 - two));
  const degrees =
    (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)));
  const lowF = fQuantile(0.975, n - 1, degrees);
  const highF = fQuantile(0.975, degrees, n - 1);
  const rest = k * msc + (k * n - k - n) * mse;
  const low = (n * (msr - lowF * mse)) / (lowF * rest + n * msr);
  const high = (n * (highF * msr - mse)) / (rest + n * highF * msr);
  const stepped = (icc: number) => (k * icc) / (1 + (k - 1) * icc);
  return {
    ICC1,
    ICC1k,
    ICC2: { estimate: two, low, high },
    ICC2k: { estimate: (msr - mse) / (msr + (msc - mse) / n), low: stepped(low), high: stepped(high) },
    ICC3,
    ICC3k,
  };
}

/**
 * ICC(1,1) where raters and their number differ by item, from the one-way analysis of variance with
 * k₀ = (N − Σk²/N) / (n−1) in the place of k, over items with two ratings or more: (MSB − MSW) / (MSB + (k₀−1) MSW).
 * Equals ICC1 on a complete block. Source: Fleiss, The Design and Analysis of Clinical Experiments (1986), ch. 1.
 */
export function oneWay({ categories }: Units): Coefficient {
  return {
    method: "ICC(1,1)",
    size: 6,
    add(sums, { category }, weight) {
      const k = category.length;
      if (k < 2) return;
      const values = Array.from(category, (c) => categories[c]);
      const mean = values.reduce((sum, x) => sum + x, 0) / k;
      const within = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      for (const [at, share] of [1, k, k * k, k * mean, k * mean * mean, within].entries())
        sums[at] += weight * share;
    },
    finish([n, total, squares, sum, between, within]) {
      if (n < 1.5) return null;
      const k0 = (total - squares / total) / (n - 1);
      const msb = (between - (sum * sum) / total) / (n - 1);
      const msw = within / (total - n);
      const bottom = msb + (k0 - 1) * msw;
      return bottom > 1e-12 * (1 + between) ? (msb - msw) / bottom : null;
    },
    undefinedBecause: ([n]) =>
      n < 1.5 ? NO_PAIR : "All ratings are the same: there is nothing to correlate.",
  };
}
