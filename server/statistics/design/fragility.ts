import { logistic } from "../math/logistic";
import { bradleyTerry, strengthsOf } from "../ranking/bradley-terry";
import { type Votes, winsOf } from "../ranking/votes";

/**
 * The least number of judgements whose removal turns the order of two models strictly round, exactly: of w wins and l
 * losses, w ≥ l, w − l + 1 wins; null where the loser never won, since nothing that is left can be for them.
 */
export function fragility(wins: number, losses: number): number | null {
  const [more, fewer] = [Math.max(wins, losses), Math.min(wins, losses)];
  return fewer === 0 ? null : more - fewer + 1;
}

export interface Fragility {
  leader: number;
  second: number;
  /** Rows to remove, an upper bound of the least number, and their share; null where no removal turned the order. */
  removed: number | null;
  share: number | null;
  /** Which rows, in the order of their influence. */
  rows: number[];
  reason?: string;
}

/**
 * How few judgements carry the first place: rows are sorted by their first-order influence H⁻¹ z (p − y) on
 * θ_leader − θ_second, the shortest prefix whose removal turns the two round is found by bisection, each time refitted.
 * An upper bound of the least number. Source: "Dropping Just a Handful of Preferences" (arXiv 2508.11847, 2025).
 * @param pair the two models; left out, the first two by strength
 */
export function fragilityOf(votes: Votes, pair?: readonly [number, number]): Fragility | { reason: string } {
  const contest = contestOf(votes, pair);
  if ("reason" in contest) return contest;
  const { leader, second, influence } = contest;
  const rows = Array.from(influence.keys()).sort((r, s) => influence[r] - influence[s]);
  const removed = fewest(rows.length, (count) => {
    const gone = new Set(rows.slice(0, count));
    return isTurned(votes, contest, (r) => !gone.has(r));
  });
  if (removed === null) {
    const reason = "No removal in the order of influence turns them round.";
    return { leader, second, removed, share: null, rows: [], reason };
  }
  return { leader, second, removed, share: removed / rows.length, rows: rows.slice(0, removed) };
}

export interface RaterFragility {
  leader: number;
  second: number;
  /** Raters each of whom, left out alone, turns the two round. */
  alone: number[];
  /** A smallest set found, in the order of influence; null where no removal turned the order. */
  together: number[] | null;
}

/** How few raters carry the first place: as `fragilityOf`, with all votes of a rater removed at once. */
export function raterFragilityOf(
  votes: Votes & { rater: Int32Array },
  pair?: readonly [number, number],
): RaterFragility | { reason: string } {
  const contest = contestOf(votes, pair);
  if ("reason" in contest) return contest;
  const { leader, second, influence } = contest;
  const { rater } = votes;
  const sums = new Map<number, number>();
  for (let r = 0; r < rater.length; r++) sums.set(rater[r], (sums.get(rater[r]) ?? 0) + influence[r]);
  const raters = [...sums.keys()].sort(
    (one, other) => (sums.get(one) ?? 0) - (sums.get(other) ?? 0) || one - other,
  );
  const turnedWithout = (gone: Set<number>) => isTurned(votes, contest, (r) => !gone.has(rater[r]));
  const count = fewest(raters.length, (n) => turnedWithout(new Set(raters.slice(0, n))));
  return {
    leader,
    second,
    // Without an influence against the second, nobody's absence helps it.
    alone: raters.filter((each) => (sums.get(each) ?? 0) < 0 && turnedWithout(new Set([each]))),
    together: count === null ? null : raters.slice(0, count),
  };
}

interface Contest {
  leader: number;
  second: number;
  /** Of each row: what its removal adds to θ_leader − θ_second, to first order. */
  influence: Float64Array;
}

/** Who is ahead of whom, and what each row has to do with it. */
function contestOf(votes: Votes, pair?: readonly [number, number]): Contest | { reason: string } {
  const found = bradleyTerry(votes, { spread: "hessian" });
  const covariance = found.errors[0]?.covariance;
  if (!found.theta || !covariance) return { reason: found.reason ?? "There is no ranking to turn round." };
  const { a, b, y } = votes;
  const theta = found.theta;
  const strength = (i: number) => theta[i] ?? Number.NEGATIVE_INFINITY;
  const order = found.listed.toSorted((one, other) => strength(other) - strength(one));
  const [one, other] = pair ?? order;
  if (other === undefined) return { reason: "One model alone has no second." };
  const [leader, second] = strength(one) >= strength(other) ? [one, other] : [other, one];
  const n = found.listed.length;
  const place = new Map(found.listed.map((model, at) => [model, at]));
  const at = (model: number) => place.get(model) ?? 0;
  // H⁻¹(e_leader − e_second): what a unit of score of each model moves the difference by.
  const pull = Float64Array.from(
    found.listed,
    (_, i) => covariance[i * n + at(leader)] - covariance[i * n + at(second)],
  );
  const influence = Float64Array.from(y, (each, r) => {
    const p = logistic(strength(a[r]) - strength(b[r]));
    return (pull[at(a[r])] - pull[at(b[r])]) * (p - each);
  });
  return { leader, second, influence };
}

/** Whether the second is strictly ahead once fitted to the rows that are kept. */
function isTurned(votes: Votes, { leader, second }: Contest, keeps: (row: number) => boolean): boolean {
  const kept = Int32Array.from(votes.y.keys()).filter(keeps);
  const pick = (column: Int32Array) => Int32Array.from(kept, (r) => column[r]);
  const fit = refitted({
    models: votes.models,
    a: pick(votes.a),
    b: pick(votes.b),
    y: Float64Array.from(kept, (r) => votes.y[r]),
  });
  return fit !== null && fit[second] > fit[leader];
}

/** The least count below `all` for which it holds, by doubling and bisection; null for none. */
function fewest(all: number, holds: (count: number) => boolean): number | null {
  let [low, high] = [0, 1];
  if (high >= all) return null;
  while (!holds(high)) {
    if (high >= all - 1) return null;
    [low, high] = [high, Math.min(high * 2, all - 1)];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Strengths of what is left, with a small ridge where removal left somebody without a win. */
function refitted(votes: Votes): Float64Array | null {
  const fit = strengthsOf(winsOf(votes), votes.models);
  if (fit) return fit;
  const regularised = bradleyTerry(votes, { ridge: 0.5 }).theta;
  return regularised && Float64Array.from(regularised, (theta) => theta ?? 0);
}
