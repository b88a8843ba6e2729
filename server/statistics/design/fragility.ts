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
  const found = bradleyTerry(votes, { spread: "hessian" });
  if (!found.theta || !found.covariance)
    return { reason: found.reason ?? "There is no ranking to turn round." };
  const { models, a, b, y } = votes;
  const theta = found.theta;
  const strength = (i: number) => theta[i] ?? Number.NEGATIVE_INFINITY;
  const order = found.listed.toSorted((one, other) => strength(other) - strength(one));
  const [one, other] = pair ?? order;
  if (other === undefined) return { reason: "One model alone has no second." };
  const [leader, second] = strength(one) >= strength(other) ? [one, other] : [other, one];
  const n = found.listed.length;
  const place = new Map(found.listed.map((model, at) => [model, at]));
  const at = (model: number) => place.get(model) ?? 0;
  const covariance = found.covariance;
  // H⁻¹(e_leader − e_second): what a unit of score of each model moves the difference by.
  const pull = Float64Array.from(
    found.listed,
    (_, i) => covariance[i * n + at(leader)] - covariance[i * n + at(second)],
  );
  const influence = Float64Array.from(y, (each, r) => {
    const p = logistic(strength(a[r]) - strength(b[r]));
    return (pull[at(a[r])] - pull[at(b[r])]) * (p - each);
  });
  const rows = Array.from(y.keys()).sort((r, s) => influence[r] - influence[s]);
  const turned = (count: number) => {
    const kept = Int32Array.from(rows.slice(count)).sort();
    const pick = (column: Int32Array) => Int32Array.from(kept, (r) => column[r]);
    const rest = { models, a: pick(a), b: pick(b), y: Float64Array.from(kept, (r) => y[r]) };
    const fit = refitted(rest);
    return fit !== null && fit[second] > fit[leader];
  };
  const nothing = { leader, second, removed: null, share: null, rows: [] };
  let [low, high] = [0, 1];
  while (!turned(high)) {
    if (high >= rows.length - 1)
      return { ...nothing, reason: "No removal in the order of influence turns them round." };
    [low, high] = [high, Math.min(high * 2, rows.length - 1)];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (turned(middle)) high = middle;
    else low = middle;
  }
  return { leader, second, removed: high, share: high / rows.length, rows: rows.slice(0, high) };
}

/** Strengths of what is left, with a small ridge where removal left somebody without a win. */
function refitted(votes: Votes): Float64Array | null {
  const fit = strengthsOf(winsOf(votes), votes.models);
  if (fit) return fit;
  const regularised = bradleyTerry(votes, { ridge: 0.5 }).theta;
  return regularised && Float64Array.from(regularised, (theta) => theta ?? 0);
}
