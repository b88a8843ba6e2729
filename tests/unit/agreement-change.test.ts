import { expect, test } from "vitest";
import { agreementChange, type Side } from "@/server/statistics/agreement/change";
import { agreement } from "@/server/statistics/agreement/interval";
import { krippendorff } from "@/server/statistics/agreement/krippendorff";
import { unitsOf } from "@/server/statistics/agreement/ratings";
import { studentQuantile } from "@/server/statistics/math/student";

/** What each of three raters said of each item, by its name. */
type Said = Record<string, readonly [number, number, number]>;

function sideOf(said: Said): Side {
  const names = Object.keys(said);
  const rows = names.flatMap((name, item) => said[name].map((value, rater) => ({ item, rater, value })));
  const units = unitsOf({
    items: names.length,
    raters: 3,
    item: Int32Array.from(rows, ({ item }) => item),
    rater: Int32Array.from(rows, ({ rater }) => rater),
    value: Float64Array.from(rows, ({ value }) => value),
    categories: [0, 1],
  });
  return { units, coefficient: krippendorff(units, "nominal"), groups: names };
}

const alphaOf = (said: Said) => {
  const { units, coefficient } = sideOf(said);
  return agreement(coefficient, units);
};
const without = (said: Said, name: string): Said =>
  Object.fromEntries(Object.entries(said).filter(([other]) => other !== name));

const before: Said = {
  ...{ a: [0, 0, 1], b: [1, 1, 1], c: [0, 1, 1], d: [0, 0, 0], e: [1, 0, 0], f: [1, 1, 0] },
};
const after: Said = {
  ...{ f: [1, 1, 1], e: [1, 0, 0], d: [0, 0, 0], c: [1, 1, 1], b: [1, 1, 1], a: [0, 0, 1] },
};
const value = (said: Said) => alphaOf(said).estimate ?? Number.NaN;

test("the same items: each is left out of both passes at once, in whatever order they stand", () => {
  const found = agreementChange(sideOf(before), sideOf(after));
  const left = Object.keys(before).map((name) => value(without(after, name)) - value(without(before, name)));
  const mean = left.reduce((sum, each) => sum + each, 0) / 6;
  const se = Math.sqrt((5 / 6) * left.reduce((sum, each) => sum + (each - mean) ** 2, 0));
  const estimate = value(after) - value(before);
  expect(found.estimate).toBeCloseTo(estimate, 12);
  expect([found.low, found.high]).toEqual([
    expect.closeTo(estimate - studentQuantile(0.975, 5) * se, 9),
    expect.closeTo(estimate + studentQuantile(0.975, 5) * se, 9),
  ]);
  expect(found.n).toBe(6);
});

test("an item that one pass lacks is left out of the other alone, and counts once", () => {
  const fewer = without(after, "c");
  const found = agreementChange(sideOf(before), sideOf(fewer));
  const left = Object.keys(before).map((name) => value(without(fewer, name)) - value(without(before, name)));
  const mean = left.reduce((sum, each) => sum + each, 0) / 6;
  const se = Math.sqrt((5 / 6) * left.reduce((sum, each) => sum + (each - mean) ** 2, 0));
  expect(found.n).toBe(6);
  expect(found.high).toBeCloseTo(value(fewer) - value(before) + studentQuantile(0.975, 5) * se, 9);
});

test("other items: the errors of both add up in squares, and swapping the passes turns the sign", () => {
  const others: Said = Object.fromEntries(
    Object.entries(after).map(([name, said]) => [`other ${name}`, said]),
  );
  const found = agreementChange(sideOf(before), sideOf(others));
  const [one, two] = [alphaOf(before).se ?? Number.NaN, alphaOf(others).se ?? Number.NaN];
  const degrees = (one ** 2 + two ** 2) ** 2 / ((one ** 4 + two ** 4) / 5);
  const half = studentQuantile(0.975, degrees) * Math.hypot(one, two);
  expect(found.high).toBeCloseTo(value(after) - value(before) + half, 9);
  expect(found.n).toBe(12);
  const back = agreementChange(sideOf(others), sideOf(before));
  expect([back.low, back.high]).toEqual([
    expect.closeTo(-(found.high ?? 0), 9),
    expect.closeTo(-(found.low ?? 0), 9),
  ]);
});

test("full agreement, and a side on which nothing is defined, give no interval and say why", () => {
  const full: Said = { a: [0, 0, 0], b: [1, 1, 1], c: [1, 1, 1] };
  expect(agreementChange(sideOf(before), sideOf(full))).toMatchObject({
    estimate: 1 - value(before),
    low: null,
    reason: expect.stringContaining("no variance"),
  });
  expect(agreementChange(sideOf(before), sideOf(before))).toMatchObject({
    estimate: 0,
    low: null,
    high: null,
  });
  const same: Said = { a: [1, 1, 1], b: [1, 1, 1] };
  expect(agreementChange(sideOf(same), sideOf(before))).toMatchObject({
    estimate: null,
    reason: expect.stringContaining("undefined"),
  });
});
