import { describe, expect, test } from "vitest";
import { calibrated, calibrationSlope, sureness, thresholdFor } from "@/server/statistics/judge/cascade";
import { logistic } from "@/server/statistics/math/logistic";
import { randomOf } from "@/server/statistics/math/random";

describe("probabilities as people bear them out", () => {
  const drawn = (slope: number, seed: number) => {
    const random = randomOf(seed);
    return Array.from({ length: 4000 }, (_, at) => {
      const x = 6 * random() - 3;
      return { item: `${at}`, p: logistic(x), people: Number(random() < logistic(slope * x)) };
    });
  };

  test("the slope with which they were drawn is found, and is the same whichever response is called the first", () => {
    const rows = drawn(0.5, 1);
    const slope = calibrationSlope(rows) ?? Number.NaN;
    expect(slope).toBeCloseTo(0.5, 1);
    const turned = rows.map(({ item, p, people }, at) =>
      at % 2 ? { item, p, people } : { item, p: 1 - p, people: 1 - people },
    );
    expect(calibrationSlope(turned)).toBeCloseTo(slope, 8);
    expect(calibrated(0.9, slope)).toBeCloseTo(1 - calibrated(0.1, slope), 12);
  });

  test("a judge whom people contradict is never sure, and few comparisons say nothing", () => {
    expect(calibrationSlope(drawn(-1, 2))).toBe(0);
    expect(sureness([0.99, 0.99], 0)).toBe(0);
    expect(calibrationSlope(drawn(1, 3).slice(0, 19))).toBeNull();
  });

  test("orders that disagree make it unsure", () => {
    expect(sureness([1, 0], 1)).toBeCloseTo(0, 12);
    expect(sureness([0.9, 0.9], 1)).toBeCloseTo(0.8, 12);
    expect(sureness([], 1)).toBeNull();
  });
});

describe("the threshold from which on verdicts stand", () => {
  /** Prompts of two comparisons, right as often as `chance` says of how sure they are. */
  const study = (seed: number, prompts: number, chance: (sure: number) => number) => {
    const random = randomOf(seed);
    return Array.from({ length: prompts }, (_, prompt) => {
      // The two of a prompt are often right or wrong together.
      const shared = random();
      return [0, 1].map(() => {
        const sure = random();
        const luck = random() < 0.5 ? shared : random();
        return { prompt: `${prompt}`, sure, right: Number(luck < chance(sure)) };
      });
    }).flat();
  };
  const rising = (sure: number) => 0.5 + sure / 2;

  test("lets the surest stand, and says how far they agree", () => {
    const { threshold, settled, of, right } = thresholdFor(study(1, 400, rising), 0.8);
    expect(of).toBe(800);
    expect(threshold).toBeGreaterThan(0.2);
    expect(threshold).toBeLessThan(0.8);
    expect(settled).toBeGreaterThan(80);
    expect(right.low).toBeGreaterThanOrEqual(0.8);
  });

  test("is none where nothing reaches what is wanted, where there is too little to show it, or nothing is sure", () => {
    expect(
      thresholdFor(
        study(2, 400, () => 0.6),
        0.8,
      ),
    ).toMatchObject({ threshold: null });
    expect(
      thresholdFor(
        study(3, 12, () => 1),
        0.9,
      ),
    ).toMatchObject({ threshold: null, settled: 24 });
    expect(thresholdFor([], 0.8)).toMatchObject({ threshold: null, settled: 0, of: 0 });
    const unsure = study(4, 100, () => 1).map((one) => ({ ...one, sure: 0 }));
    expect(thresholdFor(unsure, 0.8).threshold).toBeNull();
  });

  test("holds what it says in 95 of 100 studies and more, also with few prompts and where no set reaches it", () => {
    for (const [prompts, chance, agrees] of [
      // The share that agrees from a threshold t on is 0.75 + t/4.
      [80, rising, (threshold: number) => 0.75 + threshold / 4],
      [300, rising, (threshold: number) => 0.75 + threshold / 4],
      [300, () => 0.78, () => 0.78],
    ] as const) {
      let wrong = 0;
      for (let seed = 0; seed < 300; seed++) {
        const { threshold } = thresholdFor(study(1000 + seed, prompts, chance), 0.8);
        if (threshold !== null && agrees(threshold) < 0.8) wrong++;
      }
      expect(wrong / 300, `${prompts} prompts`).toBeLessThan(0.05);
    }
  });
});
