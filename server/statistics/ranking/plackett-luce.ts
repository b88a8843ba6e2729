import { InputError } from "../estimate";
import { cholesky, inverseOf } from "../math/linear";
import type { Design } from "../math/logistic";
import { hessianAt, minimise, type Objective } from "../math/minimise";
import { type Clustering, clusteredBy, clusteringsOf, errorBars, NO_ERROR } from "./errors";
import { strongComponentsOf } from "./graph";

/** A ranking: tiers of objects, best first; the objects of one tier are tied. */
export type TieredRanking = readonly (readonly number[])[];

export interface Worths {
  /** Log-worths adding up to 0; null where no maximum exists. */
  theta: number[] | null;
  /** 95 %, of log-worths as deviations from their mean; null without `theta` or where nothing says how sure it is. */
  se: number[] | null;
  low: number[] | null;
  high: number[] | null;
  errors: readonly Clustering[];
  /** By size of tie from 2: how frequent such ties are, δ of Turner et al.; none without ties. */
  delta: Record<string, number>;
  logLik: number | null;
  method: string;
  /** Rankings, and those of one object, which say nothing. */
  n: number;
  dropped: number;
  reason?: string;
}

/** Rankings of more objects would need too many subsets where ties are modelled. */
const MOST_WITH_TIES = 8;

/** Log-worths or log-frequencies of ties beyond this are on their way to infinity. */
const FAR = 15;

/**
 * Plackett–Luce: the best of those that are left is i with probability α_i / Σ α, stage by stage. With ties, by Turner,
 * van Etten, Firth & Kosmidis, Computational Statistics 35 (2020): a tier S is chosen with probability
 * f(S) / Σ f(T), f(S) = δ_|S| (Π_{i∈S} α_i)^{1/|S|}, δ_1 = 1, over all subsets T of those left up to the largest tie
 * seen; on pairs this is Davidson's model with ν = δ_2. Maximum likelihood by L-BFGS, unit natural log.
 * Intervals: as those of `bradleyTerry`, each ranking a row: its stages share what the ranking says.
 * Sources: Plackett, Applied Statistics 24 (1975); Luce, Individual Choice Behavior (1959).
 * @param cluster the prompt of each ranking; left out, each is its own. @param rater whose it is
 * @throws InputError for an object out of range or ranked twice, or too many objects with ties, naming the ranking
 */
export function plackettLuce(
  rankings: readonly TieredRanking[],
  objects: number,
  { cluster, rater }: { cluster?: Int32Array; rater?: Int32Array } = {},
): Worths {
  const largest = checked(rankings, objects);
  const name =
    largest > 1 ? `Plackett–Luce with ties (Turner et al. 2020) up to ${largest} objects` : "Plackett–Luce";
  const method = `${name}; ${clusteredBy(rater)}`;
  const rows = rankings.flatMap((ranking, r) => (ranking.flat().length > 1 ? [r] : []));
  const telling = rows.map((r) => rankings[r]);
  const base = { method, n: telling.length, dropped: rankings.length - telling.length };
  const nothing = {
    theta: null,
    se: null,
    low: null,
    high: null,
    errors: [],
    delta: {},
    logLik: null,
    ...base,
  };
  if (telling.length === 0) return { ...nothing, reason: "Nothing was ranked yet." };
  const above = new Float64Array(objects * objects);
  for (const ranking of telling)
    for (const [place, tier] of ranking.entries())
      for (const i of tier) {
        for (const j of ranking.slice(place + 1).flat()) above[i * objects + j]++;
        for (const j of tier) if (i !== j) above[i * objects + j]++;
      }
  if (strongComponentsOf(above, objects).length > 1)
    return {
      ...nothing,
      reason: "Some object is always, or never, above the rest, or not ranked: no maximum exists.",
    };
  const stages = telling.map((ranking) => stagesOf(ranking, largest));
  const sizes = largest - 1;
  /** Adds the gradient of one ranking's loss to `gradient`. @returns the loss */
  const lossOf = (ranking: ReturnType<typeof stagesOf>, x: Float64Array, gradient: Float64Array) => {
    let value = 0;
    const logOf = (subset: readonly number[]) => {
      let sum = 0;
      for (const i of subset) sum += x[i];
      return sum / subset.length + (subset.length > 1 ? x[objects + subset.length - 2] : 0);
    };
    const addTo = (subset: readonly number[], share: number) => {
      for (const i of subset) gradient[i] += share / subset.length;
      if (subset.length > 1) gradient[objects + subset.length - 2] += share;
    };
    for (const { chosen, candidates } of ranking) {
      const logs = candidates.map(logOf);
      const top = Math.max(...logs);
      const total = logs.reduce((sum, log) => sum + Math.exp(log - top), 0);
      value += top + Math.log(total) - logOf(chosen);
      addTo(chosen, -1);
      for (const [c, candidate] of candidates.entries()) addTo(candidate, Math.exp(logs[c] - top) / total);
    }
    return value;
  };
  const objective: Objective = (x, gradient) =>
    stages.reduce((sum, ranking) => sum + lossOf(ranking, x, gradient), 0);
  const start = new Float64Array(objects + sizes);
  for (let size = 2; size <= largest; size++) start[objects + size - 2] = -size;
  const { x, value } = minimise(objective, start);
  if (x.some((each) => Math.abs(each) > FAR))
    return {
      ...nothing,
      reason: "Ties of some size always, or never, come where they can: no maximum exists.",
    };
  const mean = x.subarray(0, objects).reduce((sum, each) => sum + each, 0) / objects;
  const seen = new Set(telling.flatMap((ranking) => ranking.map((tier) => tier.length)));
  const delta = Object.fromEntries(
    Array.from({ length: sizes }, (_, i) => [i + 2, seen.has(i + 2) ? Math.exp(x[objects + i]) : 0]),
  );
  const theta = Array.from(x.subarray(0, objects), (each) => each - mean);
  const fitted = { ...nothing, theta, delta, logLik: -value };

  // Sizes of ties that nobody used have no finite frequency, and no error: they stay where they are.
  const free = [...x.keys()].filter((c) => c < objects || seen.has(c - objects + 2));
  const n = free.length;
  const whole = hessianAt(objective, x);
  const hessian = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [free[Math.floor(at / n)], free[at % n]];
    return whole[i * x.length + j] + (i < objects && j < objects ? 1 : 0);
  });
  const factor = cholesky(hessian, n);
  if (!factor) return { ...fitted, reason: NO_ERROR };
  const bread = inverseOf(factor, n);
  for (let i = 0; i < objects; i++) for (let j = 0; j < objects; j++) bread[i * n + j] -= 1 / objects ** 2;
  const scores: Design = {
    rows: telling.length,
    columns: n,
    width: n,
    index: Int32Array.from({ length: n * telling.length }, (_, at) => at % n),
    value: new Float64Array(n * telling.length),
  };
  for (const [r, ranking] of stages.entries()) {
    const score = new Float64Array(x.length);
    lossOf(ranking, x, score);
    scores.value.set(
      free.map((c) => score[c]),
      r * n,
    );
  }
  const pick = (column: Int32Array | undefined) => column && Int32Array.from(rows, (r) => column[r]);
  const once = new Float64Array(telling.length).fill(1);
  const grouped = { cluster: pick(cluster), rater: pick(rater) };
  const bars = errorBars(theta, clusteringsOf(bread, scores, once, grouped));
  return { ...fitted, ...bars, ...(bars.se ? {} : { reason: NO_ERROR }) };
}

/** The size of the largest tie. */
function checked(rankings: readonly TieredRanking[], objects: number): number {
  let largest = 1;
  for (const [r, ranking] of rankings.entries()) {
    const flat = ranking.flat();
    const wrong = flat.find((i) => !(Number.isInteger(i) && i >= 0 && i < objects));
    if (wrong !== undefined)
      throw new InputError(`rankings[${r}]: there is no object ${wrong} of ${objects}`);
    if (new Set(flat).size < flat.length) throw new InputError(`rankings[${r}]: an object is ranked twice`);
    if (ranking.some((tier) => tier.length === 0))
      throw new InputError(`rankings[${r}]: a tier is empty; leave it out`);
    largest = Math.max(largest, ...ranking.map((tier) => tier.length));
  }
  const long = largest > 1 ? rankings.findIndex((ranking) => ranking.flat().length > MOST_WITH_TIES) : -1;
  if (long >= 0)
    throw new InputError(
      `rankings[${long}]: ${rankings[long].flat().length} objects; with ties at most ${MOST_WITH_TIES}, so break ties or rank fewer`,
    );
  return largest;
}

/** The choices that a ranking is made of: what was chosen, and what could have been. */
function stagesOf(ranking: TieredRanking, largest: number) {
  return ranking.flatMap((chosen, place) => {
    const left = ranking.slice(place).flat();
    return left.length < 2 ? [] : [{ chosen, candidates: subsetsOf(left, Math.min(largest, left.length)) }];
  });
}

function subsetsOf(items: readonly number[], most: number): number[][] {
  const subsets: number[][] = [];
  const extend = (from: number, subset: number[]) => {
    for (let i = from; i < items.length; i++) {
      const next = [...subset, items[i]];
      subsets.push(next);
      if (next.length < most) extend(i + 1, next);
    }
  };
  extend(0, []);
  return subsets;
}
