import { InputError } from "../estimate";
import { minimise, type Objective } from "../math/minimise";
import { strongComponentsOf } from "./graph";

/** A ranking: tiers of objects, best first; the objects of one tier are tied. */
export type TieredRanking = readonly (readonly number[])[];

export interface Worths {
  /** Log-worths adding up to 0; null where no maximum exists. */
  theta: number[] | null;
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
 * Sources: Plackett, Applied Statistics 24 (1975); Luce, Individual Choice Behavior (1959).
 * @throws InputError for an object out of range or ranked twice, or too many objects with ties, naming the ranking
 */
export function plackettLuce(rankings: readonly TieredRanking[], objects: number): Worths {
  const largest = checked(rankings, objects);
  const method =
    largest > 1 ? `Plackett–Luce with ties (Turner et al. 2020) up to ${largest} objects` : "Plackett–Luce";
  const telling = rankings.filter((ranking) => ranking.flat().length > 1);
  const base = { method, n: telling.length, dropped: rankings.length - telling.length };
  const nothing = { theta: null, delta: {}, logLik: null, ...base };
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
  const stages = telling.flatMap((ranking) => stagesOf(ranking, largest));
  const sizes = largest - 1;
  const objective: Objective = (x, gradient) => {
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
    for (const { chosen, candidates } of stages) {
      const logs = candidates.map(logOf);
      const top = Math.max(...logs);
      const total = logs.reduce((sum, log) => sum + Math.exp(log - top), 0);
      value += top + Math.log(total) - logOf(chosen);
      addTo(chosen, -1);
      for (const [c, candidate] of candidates.entries()) addTo(candidate, Math.exp(logs[c] - top) / total);
    }
    return value;
  };
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
  return { ...base, theta: Array.from(x.subarray(0, objects), (each) => each - mean), delta, logLik: -value };
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
