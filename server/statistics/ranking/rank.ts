import type { Strengths } from "./bradley-terry";
import { differenceHalf } from "./errors";

/**
 * Ranks that intervals allow, 1 the best. `rankUb` is the Arena's: 1 + how many have a lower bound above one's upper
 * bound. `rankByDifference` asks each difference itself: 1 + #{j: θ_j − θ_i > t·se(θ_j − θ_i)}, sharper, since errors of
 * two strengths are correlated; `rankAtWorst` is its twin from below, as many as are not surely worse. Each difference is
 * asked at 95 % by itself. Null for models that did not play, and throughout where there are no intervals.
 */
export function ranksOf({
  theta,
  low,
  high,
  errors,
  listed,
}: Pick<Strengths, "theta" | "low" | "high" | "errors" | "listed">): {
  rankUb: (number | null)[] | null;
  rankByDifference: (number | null)[] | null;
  rankAtWorst: (number | null)[] | null;
} {
  if (!theta || !low || !high) return { rankUb: null, rankByDifference: null, rankAtWorst: null };
  const at = (values: readonly (number | null)[], place: number) => values[listed[place]] ?? Number.NaN;
  const isAbove = (j: number, i: number) => at(theta, j) - at(theta, i) > differenceHalf(errors, i, j);
  const count = (holds: (j: number, i: number) => boolean) =>
    theta.map((_, model) => {
      const i = listed.indexOf(model);
      return i < 0 ? null : listed.filter((_, j) => j !== i && holds(j, i)).length;
    });
  const plusOne = (counts: (number | null)[]) => counts.map((each) => (each === null ? null : each + 1));
  return {
    rankUb: plusOne(count((j, i) => at(low, j) > at(high, i))),
    rankByDifference: plusOne(count(isAbove)),
    rankAtWorst: plusOne(count((j, i) => !isAbove(i, j))),
  };
}
