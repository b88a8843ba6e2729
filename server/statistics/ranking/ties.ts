import { cholesky, inverseOf } from "../math/linear";
import { type Design, logistic } from "../math/logistic";
import { hessianAt, minimise, type Objective } from "../math/minimise";
import { bradleyTerry, strengthsOf } from "./bradley-terry";
import { type Clustering, clusteredBy, clusteringsOf, errorBars, NO_ERROR } from "./errors";
import { componentsOf, strongComponentsOf } from "./graph";
import { checkedVotes, type Votes, winsOf } from "./votes";

/** A model of wins, losses and ties: log P(outcome) and its derivatives in d = θ_a − θ_b and the tie parameter τ. */
type TieModel = (d: number, tau: number, outcome: 0 | 1 | 2) => [logP: number, byD: number, byTau: number];

/** Davidson, JASA 65 (1970): P(tie) ∝ ν √(π_a π_b), τ = ln ν. */
const davidsonModel: TieModel = (d, tau, outcome) => {
  const [win, loss, tie] = [Math.exp(d / 2), Math.exp(-d / 2), Math.exp(tau)];
  const total = win + loss + tie;
  const slope = (win - loss) / (2 * total);
  const share = tie / total;
  if (outcome === 2) return [d / 2 - Math.log(total), 0.5 - slope, -share];
  if (outcome === 0) return [-d / 2 - Math.log(total), -0.5 - slope, -share];
  return [tau - Math.log(total), -slope, 1 - share];
};

/** Rao & Kupper, JASA 62 (1967): P(a wins) = π_a / (π_a + κ π_b), κ = 1 + e^τ ≥ 1. */
const raoKupperModel: TieModel = (d, tau, outcome) => {
  const threshold = Math.exp(tau);
  const kappa = 1 + threshold;
  const log = Math.log(kappa);
  const [win, loss] = [logistic(d - log), logistic(-d - log)];
  const byLog = threshold / kappa;
  if (outcome === 2) return [Math.log(win), 1 - win, -(1 - win) * byLog];
  if (outcome === 0) return [Math.log(loss), -(1 - loss), -(1 - loss) * byLog];
  // (κ² − 1) · P(a wins) · P(b wins)
  const ties = (2 * kappa * threshold) / (kappa * kappa - 1) - (2 - win - loss) * byLog;
  return [Math.log(kappa * kappa - 1) + Math.log(win) + Math.log(loss), loss - win, ties];
};

export interface TiedStrengths {
  theta: number[] | null;
  /** ν of Davidson's model or κ of Rao and Kupper's. */
  tie: number | null;
  logLik: number | null;
  /** Of θ, clustered by prompt and, where raters are given, by rater. */
  se: (number | null)[] | null;
  low: (number | null)[] | null;
  high: (number | null)[] | null;
  /** Behind the strengths comes the logarithm of the tie parameter. */
  errors: readonly Clustering[];
  method: string;
  n: number;
  reason?: string;
}

/**
 * Strengths with ties as outcomes of their own, by maximum likelihood, Σθ = 0, unit natural-log odds. The scale is not
 * that of "ties half" nor of one another: one of them per page. Without a single tie they are Bradley–Terry's, with
 * ν = 0 or κ = 1 and its intervals.
 */
export function withTies(kind: "davidson" | "raoKupper", votes: Votes): TiedStrengths {
  checkedVotes(votes);
  const { models, a, b, y, cluster, rater } = votes;
  const name = kind === "davidson" ? "Davidson (1970), ties by ν" : "Rao–Kupper (1967), ties by κ";
  const method = `${name}; ${clusteredBy(rater)}`;
  const open = { theta: null, tie: null, logLik: null, se: null, low: null, high: null, errors: [] };
  const nothing = { ...open, method, n: y.length };
  const wins = winsOf(votes);
  if (y.length === 0) return { ...nothing, reason: "Nothing was compared yet." };
  if (componentsOf(wins, models).length !== 1 || strongComponentsOf(wins, models).length !== 1)
    return {
      ...nothing,
      reason: "Not everybody is connected by wins and ties in both directions: no maximum exists.",
    };
  const model = kind === "davidson" ? davidsonModel : raoKupperModel;
  const start = new Float64Array(models + 1);
  start.set(strengthsOf(wins, models) ?? []);
  const tied = y.filter((each) => each === 0.5).length;
  if (tied === 0) {
    const logLik = y.reduce(
      (sum, each, r) => sum + Math.log(logistic((2 * each - 1) * (start[a[r]] - start[b[r]]))),
      0,
    );
    const theta = Array.from(start.subarray(0, models));
    const { se, low, high, errors, reason } = bradleyTerry(votes);
    const bars = { se, low, high, errors, ...(reason ? { reason } : {}) };
    return { ...nothing, ...bars, theta, tie: kind === "davidson" ? 0 : 1, logLik };
  }
  if (tied === y.length)
    return { ...nothing, reason: "Everything was a tie: how easily they come cannot be told." };

  const counts = outcomesOf(votes);
  const objective: Objective = (x, gradient) => {
    let value = 0;
    for (const { i, j, of } of counts)
      for (const outcome of [0, 1, 2] as const) {
        if (of[outcome] === 0) continue;
        const [logP, byD, byTau] = model(x[i] - x[j], x[models], outcome);
        value -= of[outcome] * logP;
        gradient[i] -= of[outcome] * byD;
        gradient[j] += of[outcome] * byD;
        gradient[models] -= of[outcome] * byTau;
      }
    return value;
  };
  start[models] = Math.log(tied / y.length);
  const { x, value } = minimise(objective, start);
  const mean = x.subarray(0, models).reduce((sum, each) => sum + each, 0) / models;
  const theta = x.subarray(0, models).map((each) => each - mean);
  const tie = kind === "davidson" ? Math.exp(x[models]) : 1 + Math.exp(x[models]);

  const fitted = { ...nothing, theta: Array.from(theta), tie, logLik: -value };
  const n = models + 1;
  const hessian = hessianAt(objective, x);
  for (let i = 0; i < models; i++) for (let j = 0; j < models; j++) hessian[i * n + j] += 1;
  const factor = cholesky(hessian, n);
  if (!factor) return { ...fitted, reason: NO_ERROR };
  const bread = inverseOf(factor, n);
  for (let i = 0; i < models; i++) for (let j = 0; j < models; j++) bread[i * n + j] -= 1 / models ** 2;
  // Scores of θ and τ, row by row.
  const scores: Design = {
    rows: y.length,
    columns: n,
    width: 3,
    index: new Int32Array(3 * y.length),
    value: new Float64Array(3 * y.length),
  };
  for (let r = 0; r < y.length; r++) {
    const [, byD, byTau] = model(x[a[r]] - x[b[r]], x[models], y[r] === 1 ? 2 : y[r] === 0 ? 0 : 1);
    scores.index.set([a[r], b[r], models], 3 * r);
    scores.value.set([byD, -byD, byTau], 3 * r);
  }
  const once = new Float64Array(y.length).fill(1);
  const bars = errorBars(fitted.theta, clusteringsOf(bread, scores, once, { cluster, rater }));
  return { ...fitted, ...bars, ...(bars.se ? {} : { reason: NO_ERROR }) };
}

/** How often each pair of models had each outcome: 0 the second won, 1 a tie, 2 the first won. */
function outcomesOf({ models, a, b, y }: Votes): { i: number; j: number; of: [number, number, number] }[] {
  const pairs = new Map<number, { i: number; j: number; of: [number, number, number] }>();
  for (let r = 0; r < y.length; r++) {
    const [i, j] = a[r] < b[r] ? [a[r], b[r]] : [b[r], a[r]];
    const pair = pairs.get(i * models + j) ?? { i, j, of: [0, 0, 0] };
    pairs.set(i * models + j, pair);
    const first = a[r] < b[r] ? y[r] : 1 - y[r];
    pair.of[first === 1 ? 2 : first === 0 ? 0 : 1]++;
  }
  return [...pairs.values()];
}
