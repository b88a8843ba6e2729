import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomOf } from "@/server/statistics/math/random";
import { dawidSkene, SMOOTHED, UNSMOOTHED } from "@/server/statistics/raters/dawid-skene";
import { answered, field, shuffled } from "./statistics/answered";

const random = randomOf(2026);
const pick = (n: number) => (random() * n) | 0;

/** Items × raters on 1–4, votes missing; the fourth rater leans. */
const ratings = Array.from({ length: 40 }, () => {
  const truth = pick(4);
  return Array.from({ length: 4 }, (_, r) =>
    random() < 0.25 ? null : 1 + (random() < 0.6 ? truth : r === 3 ? 3 : pick(4)),
  );
});
const categories = [1, 2, 3, 4];

const votes = Array.from({ length: 240 }, () => {
  const a = pick(4);
  const b = (a + 1 + pick(3)) % 4;
  const p = 1 / (1 + Math.exp(0.5 * (a - b)));
  return { a, b, y: random() < 0.2 ? 0.5 : random() < p ? 1 : 0, cluster: pick(40) };
});
type Vote = (typeof votes)[number];
const columns = (rows: readonly Vote[]) => ({
  a: rows.map(({ a }) => a),
  b: rows.map(({ b }) => b),
  y: rows.map(({ y }) => y),
  cluster: rows.map(({ cluster }) => cluster),
});

/** All numbers of a value in their places, to nine digits: sums in another order differ in the last. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toFixed(9)) || 0;
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value === "object" && value)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rounded(v)]));
  return value;
}
const same = (one: unknown, other: unknown) => expect(rounded(other)).toEqual(rounded(one));

describe("agreement", () => {
  const measures: [fn: string, options: Record<string, unknown>][] = [
    ["agreement.raw", {}],
    ["agreement.all", {}],
    ["agreement.fleiss", { weights: "linear" }],
    ["agreement.gwet", { weights: "quadratic" }],
    ["agreement.conger", { weights: "identity" }],
    ["agreement.krippendorff", {}],
    ["agreement.jackknife", { level: "ordinal" }],
    ["agreement.jackknife", { statistic: "conger" }],
    ["agreement.jackknife", { statistic: "icc1" }],
  ];
  const turned = [2, 0, 3, 1];

  it.each(measures)("%s %o does not depend on the order of items or raters", (fn, options) => {
    const before = answered(fn, { ratings, categories }, options);
    same(before, answered(fn, { ratings: shuffled(ratings, random), categories }, options));
    same(
      before,
      answered(fn, { ratings: ratings.map((row) => turned.map((r) => row[r])), categories }, options),
    );
  });

  it("nominal measures do not depend on what categories are called", () => {
    const renamed = ratings.map((row) => row.map((value) => value && [0, 30, 10, 40, 20][value]));
    for (const fn of ["agreement.raw", "agreement.all"])
      same(answered(fn, { ratings }), answered(fn, { ratings: renamed }));
  });

  it("an item counted twice changes no estimate of raw, Cohen, Fleiss", () => {
    const twice = [...ratings, ...ratings];
    for (const fn of ["agreement.raw", "agreement.fleiss", "agreement.gwet"])
      same(answered(fn, { ratings, categories }), answered(fn, { ratings: twice, categories }));
    const [a, b] = [0, 1].map((rater) => ratings.map((row) => row[rater]));
    same(
      answered("agreement.cohen", { a, b, categories }),
      answered("agreement.cohen", { a: [...a, ...a], b: [...b, ...b], categories }),
    );
  });

  it("items of one prompt are deleted together: each item twice under one prompt has the error of once", () => {
    const group = [...ratings.keys(), ...ratings.keys()];
    const shape = z.object({ se: z.number(), n: z.number() });
    const [once, twice] = [
      answered("agreement.jackknife", { ratings }, { statistic: "fleiss" }),
      answered("agreement.jackknife", { ratings: [...ratings, ...ratings], group }, { statistic: "fleiss" }),
    ].map((value) => shape.parse(value));
    expect(twice.n).toBe(40);
    expect(twice.se).toBeCloseTo(once.se, 12);
  });

  it("the symmetric α does not depend on which side is the first", () => {
    const signed = ratings.map((row) => row.map((value) => value && [0, -1, 0, 1, 1][value]));
    const flipped = signed.map((row, i) => (i % 3 ? row : row.map((value) => value && -value)));
    for (const level of ["nominal", "ordinal", "interval"]) {
      const of = (given: unknown) =>
        z
          .object({ symmetric: z.number() })
          .parse(answered("agreement.krippendorff", { ratings: given }, { level, swapSymmetric: true }))
          .symmetric;
      expect(of(flipped)).toBeCloseTo(of(signed), 12);
    }
  });

  it("a bootstrap is the same for the same seed and another for another", () => {
    const of = (seed: number) => answered("agreement.bootstrap", { ratings }, { seed, draws: 200 });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe("rankings", () => {
  const fits = [
    "ranking.bradleyTerry",
    "ranking.davidson",
    "ranking.raoKupper",
    "ranking.rank",
    "ranking.winMatrix",
  ];

  it.each(fits)("%s does not depend on the order of rows or on sides", (fn) => {
    const before = answered(fn, columns(votes));
    const digits = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (_, v) => (typeof v === "number" ? Number(v.toFixed(5)) || 0 : v)));
    expect(digits(answered(fn, columns(shuffled(votes, random))))).toEqual(digits(before));
    const sides = votes.map(({ a, b, y, cluster }, i) =>
      i % 2 ? { a: b, b: a, y: 1 - y, cluster } : { a, b, y, cluster },
    );
    expect(digits(answered(fn, columns(sides)))).toEqual(digits(before));
  });

  it("models by another number keep their strengths, and votes counted twice change none", () => {
    const theta = (rows: readonly Vote[]) =>
      z
        .object({ theta: z.array(z.number()), se: z.array(z.number()) })
        .parse(answered("ranking.bradleyTerry", columns(rows)));
    const before = theta(votes);
    const turned = theta(votes.map(({ a, b, ...rest }) => ({ ...rest, a: 3 - a, b: 3 - b })));
    same(before.theta.toReversed(), turned.theta);
    const twice = theta([...votes, ...votes]);
    same(before.theta, twice.theta);
    // By prompt, the same votes twice are no more evidence.
    same(before.se, twice.se);
  });

  it("Plackett–Luce on pairs without ties is Bradley–Terry, and does not depend on the order of rankings", () => {
    const decided = votes.filter(({ y }) => y !== 0.5);
    const rankings = decided.map(({ a, b, y }) => (y === 1 ? [[a], [b]] : [[b], [a]]));
    const theta = (fn: string, input: unknown) =>
      z.object({ theta: z.array(z.number()) }).parse(answered(fn, input)).theta;
    const pairs = theta("ranking.bradleyTerry", columns(decided));
    for (const given of [rankings, shuffled(rankings, random)])
      for (const [i, each] of theta("ranking.plackettLuce", { rankings: given }).entries())
        expect(each).toBeCloseTo(pairs[i], 6);
  });

  it.each([
    [3, 1],
    [60, 40],
    [900, 100],
  ])("of two models, %i wins to %i are as fragile as counting says", (wins, losses) => {
    const y = Array.from({ length: wins + losses }, (_, r) => (r < wins ? 1 : 0));
    const found = field("removed", "design.fragilityBT", { a: y.map(() => 0), b: y.map(() => 1), y });
    expect(found).toBe(field(`${wins}-${losses}`, "design.fragility", { counts: [`${wins}-${losses}`] }));
  });
});

describe("annotator models", () => {
  const crowd = Array.from({ length: 50 }, (_, i) => {
    const truth = pick(3);
    return [0, 1, 2, 3].map((r) => [i, (r + i) % 6, random() < 0.7 ? truth : pick(3)]);
  }).flat();
  const sizes = { items: 50, raters: 6, classes: 3 };
  const posterior = (fn: string, labels: number[][]) =>
    z.object({ posterior: z.array(z.array(z.number())) }).parse(answered(fn, { ...sizes, labels })).posterior;
  const close = (one: readonly number[], other: readonly number[]) => {
    for (const [k, each] of one.entries()) expect(other[k]).toBeCloseTo(each, 5);
  };

  it.each(["raters.dawidSkene", "raters.mace"])(
    "%s does not depend on the order of rows, raters or labels",
    (fn) => {
      const before = posterior(fn, crowd);
      expect(posterior(fn, shuffled(crowd, random))).toEqual(before);
      const raters = posterior(
        fn,
        crowd.map(([i, r, c]) => [i, 5 - r, c]),
      );
      const labels = posterior(
        fn,
        crowd.map(([i, r, c]) => [i, r, 2 - c]),
      );
      for (const [i, row] of before.entries()) {
        close(row, raters[i]);
        close(row, labels[i].toReversed());
      }
    },
  );
});

describe("Dawid–Skene", () => {
  /** Labels of items whose raters are right with a chance of their own. */
  function crowd({ items, raters, each, classes }: Record<"items" | "raters" | "each" | "classes", number>) {
    const rows = Array.from({ length: items * each }, (_, v) => {
      const item = Math.floor(v / each);
      const rater = (7 * item + v) % raters;
      const label = random() < 0.3 + (0.6 * rater) / raters ? item % classes : pick(classes);
      return { item, rater, label };
    });
    return {
      ...{ items, raters, classes },
      item: Int32Array.from(rows, ({ item }) => item),
      rater: Int32Array.from(rows, ({ rater }) => rater),
      label: Int32Array.from(rows, ({ label }) => label),
    };
  }
  const greatest = (one: Float64Array, other: Float64Array) =>
    one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);

  it.each([
    ["smoothed", SMOOTHED],
    ["unsmoothed", UNSMOOTHED],
  ])("%s, extrapolating ends where plain EM ends, in fewer maps", (_, smoothing) => {
    const labels = crowd({ items: 300, raters: 20, each: 4, classes: 3 });
    const plain = (steps: number) => dawidSkene(labels, { smoothing, steps }).posterior;
    const { posterior, steps } = dawidSkene(labels, { smoothing });
    const end = plain(3000);
    expect(greatest(posterior, end)).toBeLessThan(1e-3);
    expect(greatest(posterior, end)).toBeLessThan(greatest(plain(steps), end));
  });

  it.each([
    ["few votes", { items: 40, raters: 30, each: 5, classes: 4 }],
    ["more votes than a product holds", { items: 6, raters: 2000, each: 1500, classes: 4 }],
  ])("the posterior is what the tables say, with %s an item", (_, sizes) => {
    const labels = crowd(sizes);
    const { posterior, errors, prior } = dawidSkene(labels);
    const { items, classes: k } = sizes;
    const expected = Array.from({ length: items }, (_, i) => {
      const logs = Array.from(prior, Math.log);
      for (const [v, item] of labels.item.entries())
        if (item === i)
          for (let t = 0; t < k; t++)
            logs[t] += Math.log(errors[(labels.rater[v] * k + t) * k + labels.label[v]]);
      const weights = logs.map((log) => Math.exp(log - Math.max(...logs)));
      return weights.map((weight) => weight / weights.reduce((sum, each) => sum + each));
    });
    expect(greatest(posterior, Float64Array.from(expected.flat()))).toBeLessThan(1e-9);
  });
});
