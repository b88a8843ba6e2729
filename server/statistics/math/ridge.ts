import { cholesky, solveCholesky } from "./linear";

/** A linear map of rows to numbers: intercept + slope · x. */
export interface Ridge {
  intercept: number;
  slope: Float64Array;
  /** What each row's target misses its prediction by, with the map fitted to all the others. */
  leftOut: Float64Array;
  /** The chosen penalty, in units of the rows' weight on standardised columns; infinite where nothing is predicted. */
  penalty: number;
}

/** What the map says of a row of `x`, which begins at `from`. */
export function predictedBy({ intercept, slope }: Ridge, x: ArrayLike<number>, from = 0): number {
  return slope.reduce((sum, each, c) => sum + each * x[from + c], intercept);
}

/** Tried in this order, so that of equals the one that predicts least is kept. */
const PENALTIES = [Number.POSITIVE_INFINITY, 3, 1, 0.3, 0.1, 0.03, 0.003];

/**
 * Weighted ridge regression whose penalty is the one of a short list with the least squared error on rows left out, among
 * them the mean alone; columns are standardised, the intercept is free. Rows are left out one by one in closed form,
 * (y − ŷ)/(1 − h), h the row's leverage.
 * Sources: Hoerl & Kennard, Technometrics 12 (1970); Allen, Technometrics 16 (1974), PRESS.
 * @param x rows one after another, `columns` numbers each
 */
export function fitRidge(
  x: Float64Array,
  columns: number,
  y: Float64Array,
  weight: Float64Array,
  penalties: readonly number[] = PENALTIES,
): Ridge {
  const rows = y.length;
  const whole = weight.reduce((sum, each) => sum + each, 0);
  const level = y.reduce((sum, each, r) => sum + weight[r] * each, 0) / whole;
  const centre = new Float64Array(columns);
  const spread = new Float64Array(columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) centre[c] += (weight[r] * x[r * columns + c]) / whole;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      spread[c] += (weight[r] * (x[r * columns + c] - centre[c]) ** 2) / whole;
  const used = Array.from(spread.keys()).filter((c) => spread[c] > 1e-12);
  const n = used.length;
  const z = new Float64Array(rows * n);
  for (let r = 0; r < rows; r++)
    for (const [at, c] of used.entries())
      z[r * n + at] = (x[r * columns + c] - centre[c]) / Math.sqrt(spread[c]);
  const gram = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < n; c++) {
      const weighed = weight[r] * z[r * n + c];
      right[c] += weighed * (y[r] - level);
      for (let d = 0; d <= c; d++) gram[c * n + d] += weighed * z[r * n + d];
    }
  for (let c = 0; c < n; c++) for (let d = 0; d < c; d++) gram[d * n + c] = gram[c * n + d];
  let best: { error: number; penalty: number; slope: Float64Array; leftOut: Float64Array } | null = null;
  for (const penalty of penalties) {
    const found = at(penalty);
    if (found && (best === null || found.error < best.error)) best = found;
  }
  const { slope: steep, leftOut, penalty } = best ?? at(Number.POSITIVE_INFINITY) ?? nothing();
  const slope = new Float64Array(columns);
  let intercept = level;
  for (const [place, c] of used.entries()) {
    slope[c] = steep[place] / Math.sqrt(spread[c]);
    intercept -= slope[c] * centre[c];
  }
  return { intercept, slope, leftOut, penalty };

  function nothing() {
    return {
      slope: new Float64Array(n),
      leftOut: y.map((each) => each - level),
      penalty: Number.POSITIVE_INFINITY,
    };
  }

  function at(penalty: number) {
    const empty = penalty === Number.POSITIVE_INFINITY || n === 0;
    const factor = empty
      ? null
      : cholesky(
          gram.map((each, place) => each + (place % (n + 1) === 0 ? penalty * whole : 0)),
          n,
        );
    if (!factor && !empty) return null;
    const steep = factor ? solveCholesky(factor, n, right) : new Float64Array(n);
    const leftOut = new Float64Array(rows);
    const half = new Float64Array(n);
    let error = 0;
    for (let r = 0; r < rows; r++) {
      const row = z.subarray(r * n, (r + 1) * n);
      let [fitted, leverage] = [level, weight[r] / whole];
      if (factor) {
        // |L⁻¹ z|² is z (ZᵀWZ + penalty)⁻¹ z.
        for (let c = 0; c < n; c++) {
          let sum = row[c];
          for (let d = 0; d < c; d++) sum -= factor[c * n + d] * half[d];
          half[c] = sum / factor[c * n + c];
          leverage += weight[r] * half[c] ** 2;
          fitted += row[c] * steep[c];
        }
      }
      leftOut[r] = (y[r] - fitted) / Math.max(0.05, 1 - leverage);
      error += weight[r] * leftOut[r] ** 2;
    }
    return { error, penalty, slope: steep, leftOut };
  }
}
