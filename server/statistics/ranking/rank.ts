import { normalQuantile } from "../math/normal";
import type { Strengths } from "./bradley-terry";

/**
 * Ranks that intervals allow, 1 the best. `rankUb` is the Arena's: 1 + how many have a lower bound above one's upper
 * bound. `rankByDifference` asks each difference itself: 1 + #{j: θ_j − θ_i > z·se(θ_j − θ_i)}, sharper, since errors of
 * two strengths are correlated. Null for models that did not play, and throughout where there are no strengths.
 */
export function ranksOf({ theta, low, high, covariance, listed }: Strengths): {
  rankUb: (number | null)[] | null;
  rankByDifference: (number | null)[] | null;
} {
  if (!theta || !low || !high || !covariance) return { rankUb: null, rankByDifference: null };
  const n = listed.length;
  const z = normalQuantile(0.975);
  const at = (values: readonly (number | null)[], place: number) => values[listed[place]] ?? Number.NaN;
  const variance = (i: number, j: number) =>
    covariance[i * n + i] + covariance[j * n + j] - covariance[i * n + j] - covariance[j * n + i];
  const rank = (isAbove: (j: number, i: number) => boolean) =>
    theta.map((_, model) => {
      const i = listed.indexOf(model);
      return i < 0 ? null : 1 + listed.filter((_, j) => j !== i && isAbove(j, i)).length;
    });
  return {
    rankUb: rank((j, i) => at(low, j) > at(high, i)),
    rankByDifference: rank(
      (j, i) => at(theta, j) - at(theta, i) > z * Math.sqrt(Math.max(0, variance(i, j))),
    ),
  };
}
