import { type Design, sandwich } from "../math/logistic";
import { studentQuantile } from "../math/student";

/** The error of θ by one way in which rows belong together, with the degrees of freedom of its t. */
export interface Clustering {
  by: "prompt" | "rater" | "row" | "curvature";
  /** Of θ, row by row; there may be further parameters behind them. */
  covariance: Float64Array;
  degrees: number;
  /** Student's t of a 95 % interval. */
  t: number;
}

export const clustering = (by: Clustering["by"], covariance: Float64Array, degrees: number): Clustering => ({
  by,
  covariance,
  degrees,
  t: degrees < 1 ? Number.NaN : studentQuantile(0.975, degrees),
});

export interface ErrorBars {
  /** The standard error of the way that gives the wider interval. */
  se: number[] | null;
  /** 95 %. */
  low: number[] | null;
  high: number[] | null;
  /** What they were made of: for the error of a difference. */
  errors: readonly Clustering[];
}

/** Why there are strengths and no intervals. */
export const NO_ERROR = "One prompt alone, or outcomes that do not vary: nothing says how sure this is.";

/** The words of a method whose errors `clusteringsOf` made. */
export const clusteredBy = (rater: Int32Array | undefined) =>
  rater
    ? "sandwich × G/(G − 1), t(G − 1), clustered by prompt and by rater, the wider of the two"
    : "sandwich clustered by prompt × G/(G − 1), t(G − 1)";

/**
 * Sandwiches of a fit clustered by prompt and, where raters are given, by rater. Votes of one prompt share it, votes of
 * one rater their taste: by prompt alone, 95 % intervals of ten raters whose tastes differ by .3 hold the truth in 80 %,
 * of the same with .7 in 60; the wider of the two in 94 (`npm run bench:coverage`). With few raters t(G−1) makes the
 * second wide, as it should be: three people say little of others.
 * Source: Cameron & Miller, Journal of Human Resources 50 (2015), sections IV and V.
 * @param design rows times `residual` are the scores
 * @returns none where there is one prompt alone
 */
export function clusteringsOf(
  bread: Float64Array,
  design: Design,
  residual: Float64Array,
  { cluster, rater }: { cluster?: Int32Array; rater?: Int32Array },
): Clustering[] {
  const clustered = (by: "prompt" | "rater", groups: Int32Array): Clustering[] => {
    const degrees = new Set(groups).size - 1;
    if (degrees < 1) return [];
    const covariance = sandwich(bread, design, residual, { cluster: groups, correct: true });
    return [clustering(by, covariance, degrees)];
  };
  const byPrompt = clustered("prompt", cluster ?? Int32Array.from(residual, (_, r) => r));
  return byPrompt.length === 0 || !rater ? byPrompt : [...byPrompt, ...clustered("rater", rater)];
}

/** Half of a 95 % interval of what has the given variance by each way, the widest. */
function widest(
  errors: readonly Clustering[],
  variance: (covariance: Float64Array, width: number) => number,
) {
  let found = { half: 0, se: 0 };
  for (const { covariance, t } of errors) {
    const se = Math.sqrt(Math.max(0, variance(covariance, Math.sqrt(covariance.length))));
    const half = t * se;
    if (half >= found.half) found = { half, se };
  }
  return found;
}

/** Half of the 95 % interval of θ_i − θ_j: errors of two strengths are correlated. */
export function differenceHalf(errors: readonly Clustering[], i: number, j: number): number {
  return widest(errors, (v, n) => v[i * n + i] + v[j * n + j] - v[i * n + j] - v[j * n + i]).half;
}

/** Errors and intervals of θ. */
export function errorBars(theta: readonly number[], errors: readonly Clustering[]): ErrorBars {
  const open = { se: null, low: null, high: null, errors: [] };
  if (errors.every(({ degrees }) => degrees < 1)) return open;
  const bars = theta.map((_, i) => widest(errors, (v, n) => v[i * n + i]));
  // Where nothing varies, as when all tied, an error of 0 would be certainty out of nothing.
  if (bars.every(({ se }) => se < 1e-12)) return open;
  return {
    se: bars.map(({ se }) => se),
    low: theta.map((value, i) => value - bars[i].half),
    high: theta.map((value, i) => value + bars[i].half),
    errors,
  };
}
