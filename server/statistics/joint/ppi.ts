import { InputError } from "../estimate";
import { cholesky, inverseOf, multiply } from "../math/linear";
import { type Design, fitLogistic, logistic } from "../math/logistic";
import { normalQuantile } from "../math/normal";
import { studentQuantile } from "../math/student";

/** Below this many labelled items a prediction is no help that could be measured: the classical estimate is given. */
export const FEWEST = 20;

export interface PpiMean {
  estimate: number | null;
  se: number | null;
  low: number | null;
  high: number | null;
  lambda: number;
  /** How many human labels alone would be as precise. */
  effectiveN: number | null;
  n: number;
  N: number;
  method: string;
  reason?: string;
}

/**
 * A mean from n human labels Y with predictions F and N predictions alone: θ = λ F̄_N + mean(Y − λF), with
 * λ = cov(Y, F) / ((1 + n/N) var F) clipped to [0, 1] (var pooled over both with ddof 1, cov ÷ n) unless it is given;
 * se² = λ² var(F_N)/N + var(Y − λF)/n with ddof 1, and t(n−1). Labelled items must be a random draw of the same
 * population, otherwise `active` with the chances they were drawn with. Ties as ½.
 * Sources: Angelopoulos et al., Science 382 (2023), arXiv 2301.09633; PPI++: arXiv 2311.01453.
 */
export function ppiMean(
  y: Float64Array,
  f: Float64Array,
  unlabelled: Float64Array,
  { lambda: given }: { lambda?: number } = {},
): PpiMean {
  if (f.length !== y.length)
    throw new InputError(`f: ${f.length} predictions for ${y.length} labels; give one for each`);
  const [n, N] = [y.length, unlabelled.length];
  const base = { n, N, effectiveN: null };
  if (n < 2)
    return {
      ...base,
      estimate: n === 1 ? y[0] : null,
      se: null,
      low: null,
      high: null,
      lambda: 0,
      method: "mean of the labels",
      reason: n === 0 ? "Nothing is labelled yet." : "One label alone has no interval.",
    };
  const few = given === undefined && n < FEWEST;
  const lambda = given ?? (few || N === 0 ? 0 : tuned(y, f, unlabelled));
  if (N === 0 && lambda !== 0)
    throw new InputError("fUnlabelled: empty; without predictions lambda must be 0");
  const rectified = y.map((each, i) => each - lambda * f[i]);
  const estimate = mean(rectified) + (lambda === 0 ? 0 : lambda * mean(unlabelled));
  const se = Math.sqrt(
    variance(rectified, 1) / n + (lambda === 0 ? 0 : (lambda ** 2 * variance(unlabelled, N > 1 ? 1 : 0)) / N),
  );
  const half = studentQuantile(0.975, n - 1) * se;
  const classical = Math.sqrt(variance(y, 1) / n);
  const found = {
    ...base,
    estimate,
    se,
    low: estimate - half,
    high: estimate + half,
    lambda,
    effectiveN: se > 0 ? n * (classical / se) ** 2 : null,
    method: lambda === 0 ? "mean of the labels, t(n − 1)" : "PPI++ mean, ddof 1, t(n − 1)",
  };
  if (se === 0)
    return { ...found, low: null, high: null, reason: "Labels do not vary: nothing says how sure this is." };
  return few ? { ...found, reason: `Below ${FEWEST} labels predictions are not used.` } : found;
}

function tuned(y: Float64Array, f: Float64Array, unlabelled: Float64Array): number {
  const pooled = Float64Array.from([...f, ...unlabelled]);
  const spread = variance(pooled, 1);
  if (spread <= 1e-15) return 0;
  const [my, mf] = [mean(y), mean(f)];
  const covariance = y.reduce((sum, each, i) => sum + (each - my) * (f[i] - mf), 0) / y.length;
  return Math.min(1, Math.max(0, covariance / ((1 + y.length / unlabelled.length) * spread)));
}

export interface PpiComparisons {
  models: number;
  /** Labelled: the human outcome y and the prediction f; 1 the first won, 0 the second, ½ a tie. */
  labelled: { a: Int32Array; b: Int32Array; y: Float64Array; f: Float64Array };
  unlabelled: { a: Int32Array; b: Int32Array; f: Float64Array };
}

export interface PpiBradleyTerry {
  /** Log-strengths of models 1 … above that of model 0; null where there is no finite optimum. */
  theta: number[] | null;
  se: number[] | null;
  low: number[] | null;
  high: number[] | null;
  lambda: number;
  n: number;
  N: number;
  method: string;
  reason?: string;
}

/**
 * Bradley–Terry from human and predicted outcomes: the minimum of λ L_N(F) + L_n(Y) − λ L_n(F), L the mean log-loss, with
 * the sandwich of both parts and t(n−1), or normal quantiles as ppi-python has them; λ by the trace of the variance at λ = 0, unless it is given. The loss need not
 * be convex for λ > 0: where the Hessian is not positive definite, λ = 0 is used and the reason says so.
 * Source: PPI++, arXiv 2311.01453, eq. 4 and 8, and proposition 2.
 */
export function ppiBradleyTerry(
  { models, labelled, unlabelled }: PpiComparisons,
  { lambda: given, interval = "student" }: { lambda?: number; interval?: "student" | "normal" } = {},
): PpiBradleyTerry {
  const [n, N] = [labelled.y.length, unlabelled.f.length];
  const size = models - 1;
  const design = designOf(models, [labelled, unlabelled]);
  const solve = (lambda: number) =>
    fitLogistic({
      design,
      weight: Float64Array.from({ length: n + N }, (_, r) => (r < n ? (1 - lambda) / n : lambda / N)),
      target: Float64Array.from({ length: n + N }, (_, r) =>
        r < n ? (labelled.y[r] - lambda * labelled.f[r]) / n : (lambda * unlabelled.f[r - n]) / N,
      ),
    })?.x;
  const method = `PPI++ Bradley–Terry, ${interval === "student" ? "t(n − 1)" : "normal quantiles"}`;
  const classical = n < 2 ? undefined : solve(0);
  if (!classical || size < 1) {
    const reason =
      "The human outcomes alone have no finite strengths: some never won, never lost or never played.";
    return { theta: null, se: null, low: null, high: null, lambda: 0, n, N, method, reason };
  }
  const wanted = given ?? (N === 0 || n < FEWEST ? 0 : bestLambda(classical));
  const tried = wanted === 0 ? classical : solve(wanted);
  const lambda = tried ? wanted : 0;
  const x = tried ?? classical;
  const { bread, gY, gF, gN } = scoresAt(x, lambda !== 0);
  const rectified = gY.map((each, at) => each - lambda * gF[at]);
  const meat = covarianceOf(rectified, rectified, n).map((each) => each / n);
  if (lambda !== 0)
    for (const [at, each] of covarianceOf(gN, gN, N).entries()) meat[at] += (lambda ** 2 * each) / N;
  const covariance = multiply(multiply(bread, meat, size), bread, size);
  const t = interval === "student" ? studentQuantile(0.975, n - 1) : normalQuantile(0.975);
  const theta = Array.from(x);
  const se = theta.map((_, i) => Math.sqrt(covariance[i * size + i]));
  const found = {
    theta,
    se,
    low: theta.map((each, i) => each - t * se[i]),
    high: theta.map((each, i) => each + t * se[i]),
    lambda,
    n,
    N,
    method,
  };
  return tried
    ? found
    : { ...found, reason: `With λ = ${wanted} the loss is not convex here: λ = 0 is used.` };

  /**
   * The inverse mean Hessian, over all rows or over the labelled ones where predictions do not enter, and the gradient
   * of every row's loss.
   */
  function scoresAt(at: Float64Array, predictions: boolean) {
    const hessian = new Float64Array(size * size);
    const gradients = (from: number, rows: number, outcome: Float64Array) => {
      const scores = new Float64Array(rows * size);
      for (let r = 0; r < rows; r++)
        for (const [c, value] of entriesOf(design, from + r))
          scores[r * size + c] = (chance(from + r) - outcome[r]) * value;
      return scores;
    };
    const chance = (r: number) =>
      logistic(entriesOf(design, r).reduce((sum, [c, value]) => sum + value * at[c], 0));
    const rows = predictions ? n + N : n;
    for (let r = 0; r < rows; r++) {
      const p = chance(r);
      for (const [c, one] of entriesOf(design, r))
        for (const [d, other] of entriesOf(design, r))
          hessian[c * size + d] += (p * (1 - p) * one * other) / rows;
    }
    const factor = cholesky(hessian, size);
    const bread = factor
      ? inverseOf(factor, size)
      : new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
    return {
      bread,
      gY: gradients(0, n, labelled.y),
      gF: gradients(0, n, labelled.f),
      gN: gradients(n, N, unlabelled.f),
    };
  }

  function bestLambda(at: Float64Array): number {
    const { bread, gY, gF, gN } = scoresAt(at, true);
    const trace = (middle: Float64Array) => {
      const product = multiply(multiply(bread, middle, size), bread, size);
      let sum = 0;
      for (let i = 0; i < size; i++) sum += product[i * size + i];
      return sum;
    };
    const both = Float64Array.from([...gF, ...gN]);
    const bottom = (1 + n / N) * trace(covarianceOf(both, both, n + N));
    return bottom > 0 ? Math.min(1, Math.max(0, trace(covarianceOf(gY, gF, n)) / bottom)) : 0;
  }

  /** Covariance of rows of scores, divisor rows − 1, symmetric. */
  function covarianceOf(one: Float64Array, other: Float64Array, rows: number): Float64Array {
    const meanOf = (scores: Float64Array, c: number) => {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += scores[r * size + c];
      return sum / rows;
    };
    const [m1, m2] = [one, other].map((scores) => Array.from({ length: size }, (_, c) => meanOf(scores, c)));
    const covariance = new Float64Array(size * size);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < size; c++)
        for (let d = 0; d < size; d++)
          covariance[c * size + d] +=
            ((one[r * size + c] - m1[c]) * (other[r * size + d] - m2[d])) / Math.max(1, rows - 1);
    return covariance.map((each, at) => (each + covariance[(at % size) * size + Math.floor(at / size)]) / 2);
  }
}

/** Rows e_a − e_b without model 0, the reference. */
function designOf(models: number, parts: readonly { a: Int32Array; b: Int32Array }[]): Design {
  const pairs = parts.flatMap(({ a, b }) => Array.from(a, (first, r) => [first, b[r]] as const));
  return {
    rows: pairs.length,
    columns: models - 1,
    width: 2,
    index: Int32Array.from(pairs.flatMap(([a, b]) => [Math.max(0, a - 1), Math.max(0, b - 1)])),
    value: Float64Array.from(pairs.flatMap(([a, b]) => [a === 0 ? 0 : 1, b === 0 ? 0 : -1])),
  };
}

/** What row r has in which column, but for zeros. */
function entriesOf({ width, index, value }: Design, r: number): [column: number, value: number][] {
  const entries: [number, number][] = [];
  for (let i = r * width; i < (r + 1) * width; i++) if (value[i] !== 0) entries.push([index[i], value[i]]);
  return entries;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

function variance(values: Float64Array, ddof: 0 | 1): number {
  const centre = mean(values);
  return values.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (values.length - ddof);
}
