import type { Estimate } from "../estimate";
import { studentQuantile } from "../math/student";
import { type Coefficient, sumsOf } from "./coefficient";
import { errorOf, leftOut } from "./interval";
import type { Units } from "./ratings";

/** Ratings and the measure that is taken of them. */
export interface Side {
  coefficient: Coefficient;
  units: Units;
  /** What each group of `units` is called: the same names on both sides are the same items, rated once more. */
  groups: readonly string[];
}

/**
 * How much more the same raters agree on one side than on the other: the difference of a measure of agreement, in its own
 * units, with a 95 % interval by the delete-one-group jackknife. Of the same items a group is deleted on both sides at
 * once, or on the one that has it, and Student's t has G−1 degrees of freedom; where no item is the same the errors add up
 * in squares, with Welch's degrees.
 * Covered 94.0–95.6 % of 2,000 simulated normings each: 3 or 5 raters on two values, right in 72 of 100 before and in 85
 * after, 12, 20, 30 or 50 items, the same or others.
 * Null without both estimates. No interval where one side agrees fully or completely disagrees, or
 * both are the same: nothing there varies.
 * Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 11; B. L. Welch, Biometrika 34 (1947).
 */
export function agreementChange(before: Side, after: Side): Estimate {
  const [one, other] = [measured(before), measured(after)];
  const names = [...new Set([...before.groups, ...after.groups])];
  const n = names.length;
  const isSame = n < before.groups.length + after.groups.length;
  const method = `Difference of ${before.coefficient.method}; 95 % interval: delete-one jackknife, ${
    isSame ? "the same items out of both, t(n − 1)" : "errors of both added in squares, Welch's t"
  }`;
  const dropped = before.units.dropped + after.units.dropped;
  const result = { low: null, high: null, n, dropped, method };
  if (one.value === null || other.value === null)
    return { ...result, estimate: null, reason: "One of the two is undefined." };
  const estimate = other.value - one.value;
  const spread = isSame
    ? paired(names, valuesWithout(before, one), valuesWithout(after, other))
    : apart(one, other);
  if (!spread || Math.max(Math.abs(one.value), Math.abs(other.value)) > 1 - 1e-12)
    return {
      ...result,
      estimate,
      reason:
        "One of the two agrees fully or is undefined without one of its items, or none changed: there is no variance to read.",
    };
  const half = studentQuantile(0.975, spread.degrees) * spread.se;
  return { ...result, estimate, low: estimate - half, high: estimate + half };
}

interface Taken {
  value: number | null;
  /** Without each group. */
  left: readonly number[] | null;
}

function measured({ coefficient, units }: Side): Taken {
  const sums = sumsOf(coefficient, units);
  return { value: coefficient.finish(sums), left: leftOut(coefficient, units, sums) };
}

/** The value without each group, by its name. Without one that is not on this side it is the value of all. */
const valuesWithout = ({ groups }: Side, { value, left }: Taken) => {
  const known = left && new Map(groups.map((name, g) => [name, left[g]]));
  return known && value !== null ? (name: string) => known.get(name) ?? value : null;
};

function paired(
  names: readonly string[],
  earlier: ReturnType<typeof valuesWithout>,
  later: ReturnType<typeof valuesWithout>,
) {
  if (!earlier || !later || names.length < 2) return null;
  const se = errorOf(names.map((name) => later(name) - earlier(name)));
  return se < 1e-12 ? null : { se, degrees: names.length - 1 };
}

function apart({ left: one }: Taken, { left: other }: Taken) {
  if (!one || !other || one.length < 2 || other.length < 2) return null;
  const [a, b] = [errorOf(one) ** 2, errorOf(other) ** 2];
  if (a + b < 1e-24) return null;
  return {
    se: Math.sqrt(a + b),
    degrees: (a + b) ** 2 / (a ** 2 / (one.length - 1) + b ** 2 / (other.length - 1)),
  };
}
