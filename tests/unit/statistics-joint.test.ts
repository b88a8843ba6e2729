import { describe, expect, it } from "vitest";
import { spendingBounds } from "@/server/statistics/design/spending";
import { certify, errorEvidence } from "@/server/statistics/joint/certificate";
import { chancesFor, expectedErrors, jointMean, type Study } from "@/server/statistics/joint/study";
import { randomOf } from "@/server/statistics/math/random";
import { fitRidge } from "@/server/statistics/math/ridge";

type Random = () => number;

/** 1,200 judgements of 400 prompts, and a judge whose verdict is worth `worth` of 1. */
function world({ worth, lean = 0, seed = 5 }: { worth: number; lean?: number; seed?: number }) {
  const random = randomOf(seed);
  const prompts = 400;
  const n = 3 * prompts;
  const group = Int32Array.from({ length: n }, (_, row) => Math.floor(row / 3));
  const taste = Float64Array.from({ length: prompts }, () => random());
  const truth = Float64Array.from(group, (g) => (random() < 0.1 + 0.8 * Math.round(taste[g]) ? 1 : 0));
  const known = Float64Array.from(group, (g) => Math.min(1, worth * (2 * Math.round(taste[g]) - 1) + lean));
  for (const [row, each] of known.entries()) if (random() < 0.1) known[row] = -each;
  return { known, columns: 1, group, truth, mean: truth.reduce((sum, each) => sum + each, 0) / n };
}

/** Asks a pilot at random, and then where the judge errs most. */
function replay(world_: ReturnType<typeof world>, budget: number, random: Random): Study {
  const { truth, ...rest } = world_;
  const n = truth.length;
  const first = (0.4 * budget) / n;
  const pilot = Int32Array.from(truth.keys()).filter(() => random() < first);
  const study = (asked: Int32Array, chance: Float64Array) => ({
    ...rest,
    chance,
    asked,
    y: Float64Array.from(asked, (row) => truth[row]),
  });
  const errors = expectedErrors(study(pilot, new Float64Array(n).fill(first)));
  const then = chancesFor(errors, (0.6 * budget) / (1 - first));
  const chosen = new Set(pilot);
  for (let row = 0; row < n; row++) if (random() < then[row]) chosen.add(row);
  return study(
    Int32Array.from(chosen),
    then.map((each) => first + (1 - first) * each),
  );
}

describe("a mean of judgements of which some are asked for", () => {
  const cases = {
    useful: { worth: 1 },
    biased: { worth: 0.5, lean: 0.6 },
    flipped: { worth: -1 },
    useless: { worth: 0 },
  };
  for (const [name, options] of Object.entries(cases))
    it(`covers the truth with a ${name} judge, and is as narrow as the judge deserves`, () => {
      const there = world(options);
      const random = randomOf(11);
      let [held, gain, bias] = [0, 0, 0];
      const runs = 100;
      for (let run = 0; run < runs; run++) {
        const found = jointMean(replay(there, 150, random), { seed: run });
        if (found.low === null || found.high === null || found.effectiveN === null)
          throw new Error("no interval");
        if (found.low <= there.mean && there.mean <= found.high) held++;
        gain += found.effectiveN / found.asked / runs;
        bias += ((found.estimate ?? 0) - there.mean) / runs;
      }
      // Of 100 studies at 95 %, three standard errors are 6.5 points.
      expect(held / runs).toBeGreaterThan(0.88);
      expect(Math.abs(bias)).toBeLessThan(0.01);
      if (name === "useless") expect(gain).toBeGreaterThan(0.95);
      else expect(gain).toBeGreaterThan(name === "biased" ? 1.2 : 1.4);
    });

  it("is the plain difference estimator where nothing can be learnt", () => {
    const found = jointMean({
      known: new Float64Array(6),
      columns: 1,
      group: Int32Array.from([0, 1, 2, 3, 4, 5]),
      chance: new Float64Array(6).fill(0.5),
      asked: Int32Array.from([0, 2, 4]),
      y: Float64Array.from([1, 0, 1]),
    });
    expect(found.people).toBeCloseTo(2 / 3, 12);
    // Of Hansen & Hurwitz: (1 − π)/π² Σ(y − f)² / n², with f the mean of the other folds' answers.
    const residuals = [1 - 0.5, 0 - 1, 1 - 0.5];
    const variance = residuals.reduce((sum, each) => sum + 2 * each ** 2, 0) / 36;
    expect(found.se).toBeCloseTo(Math.sqrt(variance), 12);
  });

  it("is wider where prompts alike are meant", () => {
    const study = replay(world({ worth: 1 }), 200, randomOf(3));
    const [these, alike] = (["these", "alike"] as const).map((population) =>
      jointMean(study, { population }),
    );
    expect(alike.estimate).toBe(these.estimate);
    expect(alike.se ?? 0).toBeGreaterThan(these.se ?? 1);
  });

  it("is wider where one may stop at it, the more so the fewer answered", () => {
    const there = world({ worth: 1 });
    const [few, many] = [30, 400].map((budget) => {
      const study = replay(there, budget, randomOf(8));
      const [once, stopping] = [jointMean(study), jointMean(study, { bound: spendingBounds([1])[0] })];
      expect(stopping.se).toBe(once.se);
      return ((stopping.high ?? 0) - (stopping.low ?? 0)) / ((once.high ?? 0) - (once.low ?? 0));
    });
    expect(many).toBeGreaterThan(1.02);
    expect(few).toBeGreaterThan(many);
  });

  it("keeps a random audit of everything, within the budget", () => {
    const chances = chancesFor(
      Float64Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0.001 : 1)),
      100,
    );
    expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(100, 6);
    expect(Math.min(...chances)).toBeCloseTo(0.025, 12);
    expect(() => chancesFor(new Float64Array(3).fill(1), 4)).toThrow("budget: 4");
  });

  it("names the row of a chance or an answer that cannot be", () => {
    const study = replay(world({ worth: 1 }), 50, randomOf(4));
    expect(() => jointMean({ ...study, chance: study.chance.map((p, row) => (row === 7 ? 0 : p)) })).toThrow(
      "chance[7]",
    );
    expect(() => jointMean({ ...study, y: study.y.map((y, a) => (a === 2 ? 3 : y)) })).toThrow("y[2]");
  });
});

it("ridge regression leaves rows out as refitting without them does", () => {
  const random = randomOf(2);
  const x = Float64Array.from({ length: 60 }, random);
  const y = Float64Array.from({ length: 30 }, (_, r) => x[2 * r] + 0.2 * random());
  const weight = Float64Array.from({ length: 30 }, () => 1);
  const penalties = [0.003];
  const whole = fitRidge(x, 2, y, weight, penalties);
  const without = fitRidge(x.slice(2), 2, y.slice(1), weight.slice(1), penalties);
  const predicted = without.intercept + without.slope[0] * x[0] + without.slope[1] * x[1];
  // Columns are standardised anew and the penalty is of one row less: not the same to the last digit.
  expect(whole.leftOut[0]).toBeCloseTo(y[0] - predicted, 2);
});

describe("looks at an interval that narrows", () => {
  it("spends α as Lan and DeMets' program does", () => {
    // O'Brien–Fleming spending, five equal looks, two-sided .05: ldbounds 2.0, gsDesign 3.
    const bounds = spendingBounds([0.2, 0.4, 0.6, 0.8, 1]);
    for (const [k, expected] of [4.8769, 3.3569, 2.6803, 2.2898, 2.031].entries())
      expect(bounds[k]).toBeCloseTo(expected, 2);
    expect(spendingBounds([1])[0]).toBeCloseTo(1.96, 3);
    expect(() => spendingBounds([0.5, 0.4])).toThrow("fractions[1]");
  });
});

describe("a certificate of machine labels", () => {
  it("passes a set of which a label more than allowed is wrong as rarely as it says, whenever one stops", () => {
    const random = randomOf(21);
    let passed = 0;
    const runs = 1500;
    for (let run = 0; run < runs; run++) {
      const evidence = errorEvidence(400, { allowed: 0.05, delta: 0.1 });
      let [left, wrong] = [400, 21];
      while (left > 0 && !evidence.certified) {
        const isWrong = random() < wrong / left;
        evidence.add(isWrong);
        left--;
        if (isWrong) wrong--;
      }
      if (evidence.certified) passed++;
    }
    expect(passed / runs).toBeLessThan(0.1 + 3 * Math.sqrt(0.09 / runs));
    // And it is no empty promise: near the bound it is nearly used up.
    expect(passed / runs).toBeGreaterThan(0.05);
  });

  it("asks for about 60 labels of a faultless machine, and for none of the sets beyond a bad one", () => {
    const random = randomOf(6);
    const n = 1000;
    const confidence = Float64Array.from({ length: n }, (_, i) => 1 - i / n);
    const order = Int32Array.from(
      Array.from({ length: n }, (_, i) => [random(), i]).sort(([a], [b]) => a - b),
      ([, i]) => i,
    );
    const found = certify({ confidence, order, isWrong: (i) => i >= 500, allowed: 0.05, delta: 0.1 });
    expect(found.accepted.length).toBe(500);
    expect(found.threshold).toBeCloseTo(0.501, 6);
    expect(found.tried[0].labels).toBeGreaterThan(30);
    expect(found.tried[0].labels).toBeLessThan(65);
    expect(found.tried[4].labels).toBeGreaterThan(50);
    expect(found.tried.at(-1)).toMatchObject({ certified: false, size: 600 });
    expect(found.asked).toBeLessThan(220);
    expect(found.next).toBeNull();
    // With nobody asked yet it says whom to ask about first, and accepts nothing.
    const begun = certify({ confidence, order, isWrong: () => null, allowed: 0.05, delta: 0.1 });
    expect(begun.accepted.length).toBe(0);
    expect(begun.next).toBe(order.find((i) => i < 100));
  });
});
