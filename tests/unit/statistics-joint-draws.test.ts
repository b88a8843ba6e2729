import { expect, it } from "vitest";
import { clusteredJoint } from "@/server/statistics/joint/clustered";
import { type Dealt, standsFor } from "@/server/statistics/joint/draws";
import { randomOf } from "@/server/statistics/math/random";

interface Pair extends Dealt {
  truth: number;
  f: number;
}

/** Draws all that waits anew, and has people judge those that come first. */
function judgeFirst(
  pairs: Pair[],
  draw: number,
  many: number,
  weigh: (pair: Pair) => number,
  random: () => number,
) {
  const waiting = pairs.filter(({ taken }) => taken === null);
  const whole = waiting.reduce((sum, pair) => sum + weigh(pair), 0);
  const placed = waiting.map((pair) => {
    const chance = weigh(pair) / whole;
    return { pair, chance, lateness: -Math.log(1 - random()) / chance };
  });
  placed.sort((one, other) => one.lateness - other.lateness);
  for (const { pair, chance, lateness } of placed.slice(0, many)) pair.taken = { draw, chance, lateness };
}

const pairsFrom = (count: number, since: number, random: () => number): Pair[] =>
  Array.from({ length: count }, () => {
    const truth = random() < (since === 0 ? 0.7 : 0.4) ? 1 : 0;
    return { since, pool: "all", taken: null, truth, f: random() < 0.8 ? truth : 1 - truth };
  });

/** Judged in order, then where the judge says no by choice, then, with more to judge, as what came so far suggests. */
function study(random: () => number): Pair[] {
  const pairs = pairsFrom(200, 0, random);
  for (const pair of pairs.slice(0, 20)) pair.taken = "undrawn";
  judgeFirst(pairs, 1, 50, ({ f }) => (f > 0.5 ? 1 : 3), random);
  pairs.push(...pairsFrom(100, 2, random));
  const judged = pairs.filter(({ taken }) => taken !== null);
  const wins = judged.filter(({ truth }) => truth === 1).length / judged.length;
  judgeFirst(pairs, 3, 60, ({ f }) => (f > 0.5 === wins > 0.5 ? 3 : 1), random);
  return pairs;
}

it("pairs that draws chose stand for all: unbiased and covered, where the plain mean of them is neither", () => {
  const random = randomOf(11);
  const runs = 500;
  let [held, bias, plain, whole, narrower] = [0, 0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const pairs = study(random);
    const stands = standsFor(pairs);
    whole += stands.reduce((sum, each) => sum + each, 0) / pairs.length / runs;
    const truth = (200 * 0.7 + 100 * 0.4) / 300;
    const { joint, people } = clusteredJoint(
      pairs.map(({ truth: y, f, taken }, i) => ({
        ...{ cluster: `${i}`, f, y: taken === null ? null : y, stands: stands[i] },
      })),
    );
    const judged = pairs.filter(({ taken }) => taken !== null);
    plain += (judged.reduce((sum, pair) => sum + pair.truth, 0) / judged.length - truth) / runs;
    bias += ((joint.estimate ?? 0) - truth) / runs;
    if ((joint.low ?? 1) <= truth && truth <= (joint.high ?? 0)) held++;
    if ((joint.se ?? 1) < (people.se ?? 0)) narrower++;
  }
  // Of 500 studies whose error is some 4 points, three standard errors are half a point.
  expect(Math.abs(bias)).toBeLessThan(0.006);
  expect(Math.abs(plain)).toBeGreaterThan(0.03);
  expect(whole).toBeCloseTo(1, 1);
  expect(held / runs).toBeGreaterThan(0.92);
  expect(held / runs).toBeLessThan(0.98);
  expect(narrower / runs).toBeGreaterThan(0.95);
});

it("of what was drawn with equal chances each stands for as many, but for the last, which says how far the draw came", () => {
  const random = randomOf(3);
  const pairs = pairsFrom(60, 0, random);
  judgeFirst(pairs, 1, 21, () => 1, random);
  const stands = standsFor(pairs);
  const among = [...new Set(stands)].sort((one, other) => one - other);
  expect(among).toHaveLength(2);
  expect(among[0]).toBe(0);
  expect(stands.filter((each) => each > 0)).toHaveLength(20);
  // Once all are judged, each stands for itself.
  judgeFirst(pairs, 1, 60, () => 1, random);
  expect([...standsFor(pairs)]).toEqual(new Array(60).fill(1));
});

it("counts as many as a large project has", () => {
  const [undrawn, drawn, others] = [130_000, 130_000, 40_000];
  const chance = 1 / (drawn + others);
  const about = { since: 0, pool: "all" };
  const stands = standsFor([
    ...Array.from({ length: undrawn }, (): Dealt => ({ ...about, taken: "undrawn" })),
    ...Array.from({ length: drawn }, (_, i): Dealt => {
      const lateness = -Math.log(1 - (i + 0.5) * chance) / chance;
      return { ...about, taken: { draw: 1, chance, lateness } };
    }),
    ...Array.from({ length: others }, (): Dealt => ({ ...about, taken: null })),
  ]);
  expect(stands.reduce((sum, each) => sum + each, 0) / 300_000).toBeCloseTo(1, 3);
});
