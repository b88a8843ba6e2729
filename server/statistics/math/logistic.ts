import { cholesky, inverseOf, multiply, solveCholesky } from "./linear";

/** Rows of a regression, sparse: row r has `value[r·width + i]` in column `index[r·width + i]` and 0 elsewhere. */
export interface Design {
  rows: number;
  columns: number;
  width: number;
  index: Int32Array;
  value: Float64Array;
}

export interface Regression {
  design: Design;
  /** How often each row counts, and how much of that was a success: a row of games has their number and the wins. */
  weight: Float64Array;
  target: Float64Array;
  /** ridge/2 · x² is added to the loss, by column; none where left out. */
  ridge?: Float64Array;
  /** This many leading columns enter by differences only; they are made to add up to 0. */
  centred?: number;
  start?: Float64Array;
}

export interface LogisticFit {
  x: Float64Array;
  /** Σ weight·log(1 + e^η) − target·η, without the ridge. */
  loss: number;
  /** The inverse of the Hessian, of the coefficients that add up to 0 where they are so. */
  covariance: () => Float64Array;
}

/**
 * Logistic regression by Newton's method with halved steps, minimising Σ_r [w_r log(1 + e^η_r) − t_r η_r] + ½ Σ ridge x²
 * with η = design · x. Weights may be negative, as in prediction-powered inference, where the loss may not be convex.
 * @returns null where the Hessian is not positive definite (perfect separation, or not convex) or it does not converge
 */
export function fitLogistic({
  design,
  weight,
  target,
  ridge,
  centred = 0,
  start,
}: Regression): LogisticFit | null {
  const n = design.columns;
  let x = start ? Float64Array.from(start) : new Float64Array(n);
  // A term pin/2 (Σ x)² leaves the fit as it is and makes the Hessian invertible.
  let pin = 0;
  const evaluate = (at: Float64Array) => {
    let loss = 0;
    for (let r = 0; r < design.rows; r++) {
      const eta = etaOf(design, r, at);
      loss += weight[r] * softplus(eta) - target[r] * eta;
    }
    let penalty = 0;
    if (ridge) for (let c = 0; c < n; c++) penalty += (ridge[c] * at[c] ** 2) / 2;
    return { loss, penalised: loss + penalty };
  };
  let current = evaluate(x);
  let factor: Float64Array | null = null;
  for (let iteration = 0; iteration < 200; iteration++) {
    const { gradient, hessian } = derivatives(design, weight, target, x);
    if (ridge)
      for (let c = 0; c < n; c++) {
        gradient[c] += ridge[c] * x[c];
        hessian[c * n + c] += ridge[c];
      }
    if (centred > 0) {
      pin = 0;
      let sum = 0;
      for (let c = 0; c < centred; c++) {
        pin += hessian[c * n + c] / centred ** 2;
        sum += x[c];
      }
      for (let c = 0; c < centred; c++) {
        gradient[c] += pin * sum;
        for (let d = 0; d < centred; d++) hessian[c * n + d] += pin;
      }
    }
    factor = cholesky(hessian, n);
    if (!factor) return null;
    const step = solveCholesky(factor, n, gradient);
    const largest = step.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    if (!Number.isFinite(largest)) return null;
    let length = 1;
    let next = x.map((each, c) => each - step[c]);
    let found = evaluate(next);
    for (; !(found.penalised <= current.penalised + 1e-9 * Math.abs(current.penalised)) && length > 1e-10; ) {
      length /= 2;
      next = x.map((each, c) => each - length * step[c]);
      found = evaluate(next);
    }
    [x, current] = [next, found];
    if (largest < 1e-9) {
      const final = factor;
      const covariance = () => {
        const inverse = inverseOf(final, n);
        for (let c = 0; c < centred; c++)
          for (let d = 0; d < centred; d++) inverse[c * n + d] -= 1 / (pin * centred ** 2);
        return inverse;
      };
      return { x, loss: current.loss, covariance };
    }
    // Coefficients that run away: there is no finite optimum.
    if (x.some((each) => Math.abs(each) > 1e4)) return null;
  }
  return null;
}

/** Row r of the design times x. */
export function etaOf({ width, index, value }: Design, r: number, x: Float64Array): number {
  let eta = 0;
  for (let i = r * width; i < (r + 1) * width; i++) eta += value[i] * x[index[i]];
  return eta;
}

/** log(1 + e^η) without overflow. */
const softplus = (eta: number) => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));

/** 1 / (1 + e^−η). */
export function logistic(eta: number): number {
  return 1 / (1 + Math.exp(-eta));
}

function derivatives(design: Design, weight: Float64Array, target: Float64Array, x: Float64Array) {
  const { rows, columns: n, width, index, value } = design;
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  for (let r = 0; r < rows; r++) {
    const p = logistic(etaOf(design, r, x));
    const slope = weight[r] * p - target[r];
    const curvature = weight[r] * p * (1 - p);
    for (let i = r * width; i < (r + 1) * width; i++) {
      if (value[i] === 0) continue;
      gradient[index[i]] += slope * value[i];
      for (let j = r * width; j < (r + 1) * width; j++)
        hessian[index[i] * n + index[j]] += curvature * value[i] * value[j];
    }
  }
  return { gradient, hessian };
}

/**
 * The sandwich B M B with M = Σ_g s_g s_gᵀ over clusters' scores s_g = Σ_{r in g} residual_r z_r. Source: Liang & Zeger,
 * Biometrika 73 (1986); with `correct` × G/(G−1) (Cameron & Miller, Journal of Human Resources 50, 2015).
 * @param bread the inverse Hessian
 * @param cluster of each row, from 0; numbers that no row has do not count
 */
export function sandwich(
  bread: Float64Array,
  { rows, columns: n, width, index, value }: Design,
  residual: Float64Array,
  { cluster, correct }: { cluster: Int32Array; correct: boolean },
): Float64Array {
  const clusters = cluster.reduce((most, g) => Math.max(most, g + 1), 0);
  const starts = new Int32Array(clusters + 1);
  for (const g of cluster) starts[g + 1]++;
  for (let g = 0; g < clusters; g++) starts[g + 1] += starts[g];
  const order = new Int32Array(rows);
  const next = starts.slice();
  for (let r = 0; r < rows; r++) order[next[cluster[r]]++] = r;
  const meat = new Float64Array(n * n);
  const score = new Float64Array(n);
  const touched = new Int32Array(n);
  const lastTouched = new Int32Array(n).fill(-1);
  for (let g = 0; g < clusters; g++) {
    let count = 0;
    for (let at = starts[g]; at < starts[g + 1]; at++) {
      const r = order[at];
      for (let i = r * width; i < (r + 1) * width; i++) {
        if (value[i] === 0) continue;
        const c = index[i];
        if (lastTouched[c] !== g) touched[count++] = c;
        lastTouched[c] = g;
        score[c] += residual[r] * value[i];
      }
    }
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++)
        meat[touched[i] * n + touched[j]] += score[touched[i]] * score[touched[j]];
    for (let i = 0; i < count; i++) score[touched[i]] = 0;
  }
  const seen = starts.filter((start, g) => g < clusters && starts[g + 1] > start).length;
  const factor = correct ? seen / (seen - 1) : 1;
  return multiply(multiply(bread, meat, n), bread, n).map((each) => factor * each);
}
