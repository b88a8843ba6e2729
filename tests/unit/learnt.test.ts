import { expect, it } from "vitest";
import { learntFrom, warningOf } from "@/server/statistics/learnt";

/** What the held-out loss was at steps 0, 10, 20 …, of which the last is kept. */
function course(...losses: [number, number, ...number[]]) {
  const measured = losses.map((loss, i) => ({ step: 10 * i, loss }));
  const lowest = measured.reduce((least, one) => (one.loss < least.loss ? one : least));
  return { first: measured[0], lowest, kept: measured[measured.length - 1] };
}

it.each([
  // The first loop of a newcomer, as it was: 50 steps of LoRA on random weights.
  ["flat", [7.61, 7.605, 7.6]],
  ["fell", [7.61, 4, 2.5]],
  ["rose", [0.7, 0.71, 0.72]],
  ["passed", [2.5, 1.5, 1.8]],
  ["fell", [2.5, 1.5, 1.51]],
  ["flat", [0.7, 0.6, 0.7]],
  // The losses of some preference methods are below zero.
  ["fell", [-1, -1.5]],
  ["rose", [-1, -0.9]],
  ["flat", [0, 0]],
] as const)("says that it %s: %j", (expected, losses) => {
  const [first, second, ...rest] = losses;
  const found = course(first, second, ...rest);
  expect(learntFrom(found)).toBe(expected);
  expect(warningOf(found) === null).toBe(expected === "fell");
});

it("names both losses, both steps, and what to do", () => {
  expect(warningOf(course(7.61, 7.605, 7.6))).toMatch(
    /7\.610 before the first step, 7\.600 at step 20.*Raise learning_rate/,
  );
  expect(warningOf(course(2.5, 1.5, 1.8))).toMatch(/1\.500 at step 10 and has risen to 1\.800/);
});
