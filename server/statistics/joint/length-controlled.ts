import { InputError } from "../estimate";
import { fitLogistic, logistic } from "../math/logistic";
import { randomOf } from "../math/random";

export interface LengthControlled {
  /** Per cent of comparisons that the model wins, ties half, and its standard error. */
  winRate: number | null;
  standardError: number | null;
  /** The same at equal length, and its standard error from a bootstrap over prompts. */
  lcWinRate: number | null;
  lcStandardError: number | null;
  /** Log-odds at equal length, and for tanh(Δlength / sd) = 1. */
  theta: number | null;
  phiLength: number | null;
  /** Standard deviation of length(base) − length(model), ddof 1. */
  sdDeltaLen: number | null;
  n: number;
  method: string;
  reason?: string;
}

/** Where wins and losses separate there is no finite fit; this ridge is used and named. */
const RIDGE = 0.5;

/**
 * The length-controlled win rate in the form of AlpacaEval 2's `length_controlled_minimal`, unpenalised:
 * logit P(model wins) = θ + φ tanh(Δ/sd), Δ = length(base) − length(model); corrected rate 100 σ(θ), at Δ = 0. Theirs is
 * L1-penalised with cross-validation, which at n = 20 may choose the empty model: 25 % becomes 50 % with error 0; and its
 * standard error has no sampling error in it.
 * Source: Dubois, Galambosi, Liang & Hashimoto, arXiv 2404.04475; code read at cd543a1.
 * @param y 1 where the model won, 0 where the base did, ½ for a tie
 */
export function lengthControlled(
  y: Float64Array,
  lengthModel: Float64Array,
  lengthBase: Float64Array,
  { draws = 200, seed = 1 }: { draws?: number; seed?: number } = {},
): LengthControlled {
  const wrong = y.findIndex((each) => !(each >= 0 && each <= 1));
  if (wrong >= 0) throw new InputError(`y[${wrong}]: ${y[wrong]} does not lie between 0 and 1`);
  const n = y.length;
  const name = "length-controlled win rate, minimal form, unpenalised; standard error by prompt bootstrap";
  const nothing = { lcWinRate: null, lcStandardError: null, theta: null, phiLength: null, sdDeltaLen: null };
  const share = n === 0 ? null : y.reduce((sum, each) => sum + each, 0) / n;
  if (share === null || n < 2)
    return {
      ...nothing,
      winRate: share === null ? null : 100 * share,
      standardError: null,
      n,
      method: name,
      reason: n === 0 ? "Nothing was compared yet." : "One comparison alone says nothing of length.",
    };
  const variance = y.reduce((sum, each) => sum + (each - share) ** 2, 0) / (n - 1);
  const raw = { winRate: 100 * share, standardError: 100 * Math.sqrt(variance / n), n };
  const delta = lengthBase.map((base, i) => base - lengthModel[i]);
  const sd = deviation(delta);
  if (variance === 0)
    return {
      ...nothing,
      ...raw,
      standardError: null,
      method: name,
      reason: "All comparisons came out the same.",
    };
  if (sd === 0)
    return {
      ...nothing,
      ...raw,
      method: name,
      reason: "Lengths differ by the same everywhere: nothing to control.",
    };
  const all = Int32Array.from(y.keys());
  const atLength = fitted(y, delta, all);
  if (!atLength) return { ...nothing, ...raw, method: name, reason: "The fit did not converge." };
  const random = randomOf(seed);
  const rates: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const found = fitted(
      y,
      delta,
      all.map(() => (random() * n) | 0),
    );
    if (found) rates.push(100 * logistic(found.theta));
  }
  const centre = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const spread = rates.reduce((sum, rate) => sum + (rate - centre) ** 2, 0) / (rates.length - 1);
  return {
    ...raw,
    lcWinRate: 100 * logistic(atLength.theta),
    lcStandardError: rates.length > 1 ? Math.sqrt(spread) : null,
    theta: atLength.theta,
    phiLength: atLength.phi,
    sdDeltaLen: sd,
    method: atLength.regularised ? `${name}; wins and losses separate: ridge ½` : name,
  };
}

function fitted(y: Float64Array, delta: Float64Array, rows: Int32Array) {
  const sd = deviation(Float64Array.from(rows, (r) => delta[r]));
  if (sd === 0) return null;
  const value = new Float64Array(2 * rows.length);
  for (const [i, r] of rows.entries()) value.set([1, Math.tanh(delta[r] / sd)], 2 * i);
  const regression = {
    design: {
      rows: rows.length,
      columns: 2,
      width: 2,
      index: Int32Array.from(value, (_, at) => at % 2),
      value,
    },
    weight: new Float64Array(rows.length).fill(1),
    target: Float64Array.from(rows, (r) => y[r]),
  };
  const plain = fitLogistic(regression);
  const found = plain ?? fitLogistic({ ...regression, ridge: new Float64Array(2).fill(RIDGE) });
  return found && { theta: found.x[0], phi: found.x[1], regularised: !plain };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1));
}
