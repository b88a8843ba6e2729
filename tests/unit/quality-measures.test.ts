import { expect, it } from "vitest";
import type { Scale } from "@/server/form/kind/kind";
import { agreementOf } from "@/server/quality/agreement";
import { PartBuilder, valuesOf } from "@/server/quality/part";
import { mirrored } from "@/server/statistics/agreement/pairs";
import { randomOf } from "@/server/statistics/math/random";
import { longestRun } from "@/server/statistics/raters/straight-lining";

const scale: Scale = { by: "pairs", outcomes: ["a", "b", "tie", "both_bad"], levels: 3 };

/** Votes of some raters on pairs; `turned` says of which pairs the responses are stored the other way round. */
function judged(raters: number, turned: (item: number) => boolean) {
  const random = randomOf(7);
  const builder = new PartBuilder(
    { questionId: "better", attribute: null, label: "Better?", scale },
    valuesOf(scale),
  );
  for (let item = 0; item < 60; item++) {
    const truth = random() < 0.7 ? 1 : -1;
    for (let rater = 0; rater < raters; rater++) {
      const drawn = random();
      const value = drawn < 0.1 ? 2 : drawn < 0.2 ? 0 : random() < 0.8 ? truth : -truth;
      const aFirst = random() < 0.5;
      const is = turned(item);
      const side = Math.abs(value) === 1 ? value * (1 + ((random() * 3) | 0)) : 0;
      builder.add({
        key: `${item}`,
        item: { taskId: `t${item}`, promptId: `p${item >> 1}`, responses: ["x", "y"] },
        raterId: `r${rater}`,
        value: is ? mirrored(value) : value,
        strength: is ? -side || 0 : side,
        at: item,
        aFirst: is ? !aFirst : aFirst,
      });
    }
  }
  return agreementOf(builder.finish()).measures;
}

it.each([2, 4])(
  "which of two responses is stored first changes no measure but α of one orientation (%i raters)",
  (raters) => {
    const { alphaPlain, ...asStored } = judged(raters, () => false);
    const { alphaPlain: turnedPlain, ...turned } = judged(raters, (item) => item % 3 === 0);
    expect(Object.keys(asStored).sort()).toEqual(
      ["ac", "alpha", "alphaStrength", ...(raters === 2 ? ["kappa"] : []), "rawAgreement"].sort(),
    );
    for (const [name, { estimate, low, high, n }] of Object.entries(asStored)) {
      const other = Object.entries(turned).find(([each]) => each === name)?.[1];
      expect(other?.estimate, name).toBeCloseTo(estimate ?? Number.NaN, 10);
      expect(other?.low, name).toBeCloseTo(low ?? Number.NaN, 8);
      expect(other?.high, name).toBeCloseTo(high ?? Number.NaN, 8);
      expect(other?.n).toBe(n);
    }
    expect(Math.abs((alphaPlain?.estimate ?? 0) - (turnedPlain?.estimate ?? 0))).toBeGreaterThan(0.001);
  },
);

it("a run as long is never more likely than it says, by all sequences there are", () => {
  const [n, shares] = [12, [0.3, 0.7]];
  const sequences = Array.from({ length: 2 ** n }, (_, bits) =>
    Array.from({ length: n }, (_, at) => (bits >> at) & 1),
  );
  const found = sequences.map((answers) => ({
    chance: longestRun(answers, shares)?.chance ?? 1,
    weight: answers.reduce((product, answer) => product * shares[answer], 1),
  }));
  for (const threshold of [0.2, 0.05, 0.01]) {
    const alarms = found.filter(({ chance }) => chance < threshold);
    expect(alarms.length).toBeGreaterThan(0);
    expect(alarms.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThan(threshold);
  }
  expect(longestRun([], shares)).toBeNull();
  expect(longestRun([0, 1, 1, 1, 0], shares)).toMatchObject({ said: 1, length: 3 });
});
