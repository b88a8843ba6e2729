/**
 * Where reference libraries differ from one another, from the paper or from themselves: one test a line of the table in
 * server/statistics/README.md, by its number. The figures of the libraries are in the table; here stands what we do.
 */
import { describe, expect, it } from "vitest";
import { oneWay } from "@/server/statistics/agreement/icc";
import { agreement } from "@/server/statistics/agreement/interval";
import { unitsOf } from "@/server/statistics/agreement/ratings";
import { msprt } from "@/server/statistics/design/sequential";
import { randomOf } from "@/server/statistics/math/random";
import { dawidSkene, reliabilities, UNSMOOTHED } from "@/server/statistics/raters/dawid-skene";
import { answered, field, list, number, rows, shuffled } from "./statistics/answered";

/** Krippendorff's own example (2011, part C): four observers, twelve units, votes missing. */
const krippendorffs = [
  [1, 1, null, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [null, 5, 5, 5],
  [null, null, 1, 1],
  [null, null, 3, null],
];

/** Shrout and Fleiss's example (1979, table 2): six targets, four judges. */
const shroutFleiss = [
  [9, 2, 5, 8],
  [6, 1, 3, 2],
  [8, 4, 6, 8],
  [7, 1, 2, 6],
  [10, 5, 6, 9],
  [6, 2, 4, 7],
];

/** Labels of a crowd of whom most judge two items: [item, rater, class] and the truth. */
function sparseCrowd(seed: number, items = 600, crowd = 400) {
  const random = randomOf(seed);
  const skill = Array.from({ length: crowd }, () => 0.55 + 0.4 * random());
  const truth = Array.from({ length: items }, () => (random() * 3) | 0);
  const labels = truth.flatMap((right, i) =>
    [0, 1, 2].map((vote) => {
      const rater = (vote * (crowd / 3) + random() * (crowd / 3)) | 0;
      const said = random() < skill[rater] ? right : (right + 1 + ((random() * 2) | 0)) % 3;
      return [i, rater, said];
    }),
  );
  return { truth, input: { items, raters: crowd, classes: 3, labels } };
}

const columns = ({
  labels,
  ...sizes
}: {
  items: number;
  raters: number;
  classes: number;
  labels: number[][];
}) => ({
  ...sizes,
  item: Int32Array.from(labels, ([i]) => i),
  rater: Int32Array.from(labels, ([, r]) => r),
  label: Int32Array.from(labels, ([, , c]) => c),
});

/** Comparisons of four models on prompts that several raters judge, with ties. */
function arena(seed: number, prompts = 60, each = 6) {
  const random = randomOf(seed);
  const strength = [1, 0.4, -0.3, -1.1];
  const votes = Array.from({ length: prompts }, (_, prompt) => {
    const a = (random() * 4) | 0;
    const b = (a + 1 + ((random() * 3) | 0)) % 4;
    const lean = 4 * (random() - 0.5);
    return Array.from({ length: each }, () => {
      const p = 1 / (1 + Math.exp(strength[b] - strength[a] - lean));
      return {
        a,
        b,
        y: random() < 0.25 ? 0.5 : random() < p ? 1 : 0,
        cluster: prompt,
        length: [random() * 900, random() * 900],
      };
    });
  }).flat();
  return {
    a: votes.map(({ a }) => a),
    b: votes.map(({ b }) => b),
    y: votes.map(({ y }) => y),
    cluster: votes.map(({ cluster }) => cluster),
    lengthA: votes.map(({ length }) => Math.round(length[0])),
    lengthB: votes.map(({ length }) => Math.round(length[1])),
  };
}

const plain = ({ a, b, y, cluster }: ReturnType<typeof arena>) => ({ a, b, y, cluster });

describe("annotator models", () => {
  const { input } = sparseCrowd(1, 90, 45);

  it("1, 30: MACE says the same of the same votes in another order", () => {
    const posterior = rows(field("posterior", "raters.mace", input));
    const turned = { ...input, labels: shuffled(input.labels, randomOf(2)) };
    const again = rows(field("posterior", "raters.mace", turned));
    expect(again).toEqual(posterior);
  });

  it("2: MACE's starts are different ones, and the best bound is kept", () => {
    // After three steps starts have not yet met in one optimum.
    const bounds = list(field("bounds", "raters.mace", input, { iterations: 3 }));
    expect(bounds).toHaveLength(10);
    expect(new Set(bounds.map((bound) => bound.toFixed(9))).size).toBeGreaterThan(1);
    expect(field("bound", "raters.mace", input, { iterations: 3 })).toBeCloseTo(Math.max(...bounds), 2);
  });

  it("3: Crowd-BT finds who votes against the rest, and its regulariser keeps strengths together", () => {
    const random = randomOf(5);
    const votes = Array.from({ length: 400 }, (_, i) => {
      const [a, b] = i % 2 ? [0, 1] : [1, 2];
      const better = random() < 0.9 ? 1 : 0;
      const rater = (i >> 1) % 4;
      return { a, b, y: rater === 3 ? 1 - better : better, rater: `r${rater}` };
    });
    const pick = (share: number) => {
      const kept = votes.slice(0, votes.length * share);
      return {
        a: kept.map(({ a }) => a),
        b: kept.map(({ b }) => b),
        y: kept.map(({ y }) => y),
        rater: kept.map(({ rater }) => rater),
      };
    };
    const eta = list(field("eta", "raters.crowdBT", pick(1)));
    expect(Math.min(...eta.slice(0, 3))).toBeGreaterThan(0.75);
    expect(eta[3]).toBeLessThan(0.25);
    const [few, many] = [0.05, 1].map((share) => list(field("theta", "raters.crowdBT", pick(share))));
    expect(many[0]).toBeGreaterThan(many[1]);
    expect(many[1]).toBeGreaterThan(many[2]);
    expect(few[0] - few[2]).toBeLessThan(many[0] - many[2]);
  });

  it("5: Dawid–Skene's likelihood never falls, and smoothing beats the maximum on a sparse crowd", () => {
    const likelihoods = [1, 2, 3, 5, 10, 50].map(
      (steps) => dawidSkene(columns(input), { smoothing: UNSMOOTHED, steps }).logLik,
    );
    expect(likelihoods).toEqual(likelihoods.toSorted((one, other) => one - other));
    const sparse = sparseCrowd(7);
    const accuracy = (options: Record<string, unknown>) => {
      const posterior = rows(field("posterior", "raters.dawidSkene", sparse.input, options));
      return posterior.filter((row, i) => row.indexOf(Math.max(...row)) === sparse.truth[i]).length / 600;
    };
    expect(accuracy({})).toBeGreaterThan(accuracy({ smoothing: "none" }) + 0.02);
  });

  it("6: a tie of votes is a tie, whichever label sorts first", () => {
    const tied = {
      labels: [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 1],
      ],
    };
    expect(answered("raters.majority", tied)).toEqual({ label: [null, 1], tied: 1 });
  });

  it("29: a rater's reliability has the spread of a bootstrap that refits, and says that it is approximate", () => {
    const found = reliabilities(columns(input), { draws: 40, seed: 1 });
    const known = found.filter(({ low }) => low !== null);
    expect(known.length).toBeGreaterThan(40);
    expect(
      known.every(({ low, high, estimate }) => (low ?? 1) < (estimate ?? 0) && (high ?? 0) > (estimate ?? 1)),
    ).toBe(true);
    expect(found.every(({ method }) => method.includes("approximate"))).toBe(true);
  });
});

describe("rankings", () => {
  const votes = arena(11);

  it("4: Bradley–Terry is the maximum, as Hunter's MM finds it by another way", () => {
    const theta = list(field("theta", "ranking.bradleyTerry", plain(votes)));
    const wins = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (const [r, y] of votes.y.entries()) {
      wins[votes.a[r]][votes.b[r]] += y;
      wins[votes.b[r]][votes.a[r]] += 1 - y;
    }
    let strength = [1, 1, 1, 1];
    for (let step = 0; step < 5000; step++)
      strength = strength.map((own, i) => {
        const won = wins[i].reduce((sum, each) => sum + each, 0);
        return won / strength.reduce((sum, other, j) => sum + (wins[i][j] + wins[j][i]) / (own + other), 0);
      });
    const logs = strength.map(Math.log);
    const mean = logs.reduce((sum, each) => sum + each, 0) / 4;
    for (const [i, log] of logs.entries()) expect(theta[i]).toBeCloseTo(log - mean, 8);
  });

  it("7: style control is on: a coefficient that was put in is found, and the ridge allowed does not undo it", () => {
    const random = randomOf(3);
    const made = Array.from({ length: 3000 }, () => {
      const [a, b] = random() < 0.5 ? [0, 1] : [1, 0];
      const [lengthA, lengthB] = [100 + 900 * random(), 100 + 900 * random()];
      const x = (lengthA - lengthB) / (lengthA + lengthB + 1) / 0.35;
      const y = random() < 1 / (1 + Math.exp(-(b - a) * 0.5 - 0.8 * x)) ? 1 : 0;
      return { a, b, y, lengthA, lengthB };
    });
    const input = Object.fromEntries(
      (["a", "b", "y", "lengthA", "lengthB"] as const).map((name) => [name, made.map((row) => row[name])]),
    );
    const free = number(field("coefLength", "ranking.controlled", input));
    expect(free).toBeGreaterThan(0.6);
    expect(number(field("coefLength", "ranking.controlled", input, { ridge: 1e-3 }))).toBeCloseTo(free, 4);
  });

  it("8: intervals count prompts: raters of one prompt are not independent", () => {
    const byPrompt = list(field("se", "ranking.bradleyTerry", plain(votes), { interval: "clustered" }));
    const byRow = list(field("se", "ranking.bradleyTerry", plain(votes), { interval: "row" }));
    for (const [i, se] of byPrompt.entries()) expect(se).toBeGreaterThan(1.1 * byRow[i]);
    const { rankUb, rankByDifference } = answered("ranking.rank", plain(arena(11, 300))) as Record<
      string,
      unknown
    >;
    for (const [i, rank] of list(rankByDifference).entries())
      expect(rank).toBeGreaterThanOrEqual(list(rankUb)[i]);
  });

  it("9: an unknown outcome is refused and named, never a tie", () => {
    expect(answered("ranking.bradleyTerry", { a: [0, 0], b: [1, 1], y: [1, "model_c"] })).toMatch(
      /y\[1\].*model_c/,
    );
    expect(answered("ranking.bradleyTerry", { a: [0, 0], b: [1, 1], y: [1, 0.7] })).toMatch(
      /y\[1\]: 0.7 is no outcome/,
    );
  });

  it("10: groups that never met have no number in common", () => {
    const input = { a: [0, 0, 2, 2], b: [1, 1, 3, 3], y: [1, 0, 1, 0.5] };
    expect(answered("ranking.bradleyTerry", input)).toMatchObject({
      theta: null,
      components: [
        [0, 1],
        [2, 3],
      ],
    });
    expect(field("reason", "ranking.bradleyTerry", input)).toMatch(/never met/);
  });

  it("11: the unbeaten have no finite strength: null, who, and a regularised one apart", () => {
    const input = { a: [0, 0, 1, 1], b: [1, 1, 2, 2], y: [1, 1, 1, 0] };
    expect(answered("ranking.bradleyTerry", input)).toMatchObject({
      theta: null,
      mleExists: false,
      strongComponents: [[0], [1, 2]],
      mapThetaRidge: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it("12: who is stored as the first changes nothing under style control", () => {
    const turned = votes.y.map((_, r) => votes.a[r] > votes.b[r]);
    const pick = (one: readonly number[], other: readonly number[]) =>
      one.map((each, r) => (turned[r] ? other[r] : each));
    const swapped = {
      a: pick(votes.a, votes.b),
      b: pick(votes.b, votes.a),
      y: votes.y.map((y, r) => (turned[r] ? 1 - y : y)),
      cluster: votes.cluster,
      lengthA: pick(votes.lengthA, votes.lengthB),
      lengthB: pick(votes.lengthB, votes.lengthA),
    };
    const before = list(field("theta", "ranking.controlled", votes));
    for (const [i, theta] of list(field("theta", "ranking.controlled", swapped)).entries())
      expect(theta).toBeCloseTo(before[i], 9);
  });

  it("13: three ways with ties are three scales in one order, and a win matrix adds up to one", () => {
    const thetas = ["bradleyTerry", "davidson", "raoKupper"].map((fn) =>
      list(field("theta", `ranking.${fn}`, plain(votes))),
    );
    const order = (theta: readonly number[]) => [...theta.keys()].sort((i, j) => theta[j] - theta[i]);
    expect(thetas.map(order)).toEqual([order(thetas[0]), order(thetas[0]), order(thetas[0])]);
    expect(thetas[1][0]).toBeGreaterThan(1.1 * thetas[0][0]);
    const rates = answered("ranking.winMatrix", plain(votes)) as { winRate: (number | null)[][] };
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < i; j++)
        expect((rates.winRate[i][j] ?? 0) + (rates.winRate[j][i] ?? 0)).toBeCloseTo(1, 12);
  });

  it("14: online Elo depends on order; the ranking does not", () => {
    const { elo, eloReversedOrder } = answered("ranking.eloOnline", plain(votes)) as Record<string, unknown>;
    expect(list(elo)[0]).not.toBeCloseTo(list(eloReversedOrder)[0], 0);
    const reversed = Object.fromEntries(
      Object.entries(plain(votes)).map(([name, column]) => [name, column.toReversed()]),
    );
    const theta = list(field("theta", "ranking.bradleyTerry", plain(votes)));
    for (const [i, each] of list(field("theta", "ranking.bradleyTerry", reversed)).entries())
      expect(each).toBeCloseTo(theta[i], 10);
  });

  it("15: with ties, mean Spearman is not (mW − 1)/(m − 1)", () => {
    const ranks = [
      [1, 2, 3, 4],
      [1.5, 1.5, 3, 4],
      [2, 2, 2, 4],
    ];
    const { kendallW, meanSpearman } = answered("agreement.ranking", { ranks }) as Record<string, number>;
    expect(Math.abs((3 * kendallW - 1) / 2 - meanSpearman)).toBeGreaterThan(1e-4);
  });
});

describe("agreement", () => {
  it("16, 32: orientation of pairs changes plain α, not the symmetric one; both are given, for each has its trap", () => {
    const random = randomOf(21);
    const oriented = Array.from({ length: 80 }, () => {
      const first = random() < 0.85 ? 1 : -1;
      return [first, random() < 0.85 ? first : -first, random() < 0.85 ? first : 0];
    });
    const flipped = oriented.map((row, i) => (i % 2 ? row.map((value) => -value || 0) : row));
    const options = { level: "nominal", swapSymmetric: true };
    const [one, other] = [oriented, flipped].map(
      (ratings) =>
        answered("agreement.krippendorff", { ratings }, options) as Record<"plain" | "symmetric", number>,
    );
    expect(other.symmetric).toBeCloseTo(one.symmetric, 12);
    expect(other.plain - one.plain).toBeGreaterThan(0.03);
    // Raters who share a leaning and nothing else.
    const leaning = Array.from({ length: 400 }, () => [0, 1, 2].map(() => (random() < 2 / 3 ? 1 : -1)));
    const shared = answered("agreement.krippendorff", { ratings: leaning }, options) as Record<
      "plain" | "symmetric",
      number
    >;
    expect(Math.abs(shared.plain)).toBeLessThan(0.06);
    expect(shared.symmetric).toBeGreaterThan(0.05);
  });

  it("17: an unused point of the scale still counts in weighted κ", () => {
    const input = { a: [-3, -3, 0, 3], b: [-3, 0, 0, 3] };
    const scale = [-3, -2, -1, 0, 1, 2, 3];
    const whole = number(
      answered("agreement.cohen", { ...input, categories: scale }, { weights: "ordinal" }),
    );
    expect(whole).not.toBeCloseTo(number(answered("agreement.cohen", input, { weights: "ordinal" })), 3);
    // sklearn 1.9.1 with labels=; .4286 without.
    const known = { a: [-3, -3, 3, 3, -2, -2, -3, 3], b: [-3, 3, 3, 3, -2, -3, -3, -2] };
    expect(
      number(answered("agreement.cohen", { ...known, categories: scale }, { weights: "linear" })),
    ).not.toBeNaN();
  });

  it("18: a missing vote is no category, and counts of votes may differ", () => {
    const ratings = krippendorffs.map((row) => row.slice(0, 3));
    const padded = ratings.map((row) => [...row, null]);
    expect(answered("agreement.fleiss", { ratings: padded })).toBe(answered("agreement.fleiss", { ratings }));
    expect(number(answered("agreement.fleiss", { ratings: krippendorffs }))).toBeCloseTo(0.761169, 6);
  });

  it("19: one answer throughout: null and the reason, from every measure", () => {
    const constant = {
      ratings: [
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
      ],
      categories: [1, 2, 3],
    };
    for (const statistic of ["krippendorff", "fleiss", "gwet", "conger", "icc1"])
      expect(answered("agreement.jackknife", constant, { statistic })).toMatchObject({
        estimate: null,
        low: null,
        reason: expect.stringMatching(/same/),
      });
    expect(answered("agreement.all", { ratings: constant.ratings })).toMatchObject({
      raw: 1,
      cohen: null,
      gwet: null,
    });
  });

  it("20: ordinal α is Krippendorff's, not that of fixed ordinal weights", () => {
    const alpha = answered("agreement.krippendorff", { ratings: krippendorffs }) as Record<string, number>;
    // The values that Krippendorff prints (2011).
    expect(alpha.nominal).toBeCloseTo(0.743, 3);
    expect(alpha.ordinal).toBeCloseTo(0.815, 3);
    expect(alpha.interval).toBeCloseTo(0.849, 3);
    expect(alpha.ratio).toBeCloseTo(0.797, 3);
    expect(
      number(answered("agreement.fleiss", { ratings: krippendorffs }, { weights: "ordinal" })),
    ).toBeCloseTo(0.850206, 6);
  });

  it("21: Conger's κ is not Fleiss'; of two raters it is Cohen's", () => {
    const ratings = shroutFleiss.map((row) => row.slice(0, 2).map((value) => (value > 5 ? 1 : 0)));
    const [a, b] = [0, 1].map((rater) => ratings.map((row) => row[rater]));
    const conger = number(answered("agreement.conger", { ratings, categories: [0, 1] }));
    expect(conger).toBeCloseTo(number(answered("agreement.cohen", { a, b, categories: [0, 1] })), 12);
    expect(
      Math.abs(conger - number(answered("agreement.fleiss", { ratings, categories: [0, 1] }))),
    ).toBeGreaterThan(0.01);
  });

  it("22: three raw agreements differ, each by name; items with one vote enter Gwet's chance and not α", () => {
    const { pair, item, value } = answered("agreement.raw", { ratings: krippendorffs }) as Record<
      string,
      number
    >;
    expect(new Set([pair, item, value].map((each) => each.toFixed(4))).size).toBe(3);
    const more = [...krippendorffs, [5, null, null, null], [5, null, null, null]];
    const alpha = (ratings: unknown) => answered("agreement.krippendorff", { ratings }, { level: "ordinal" });
    expect(alpha(more)).toBe(alpha(krippendorffs));
    expect(answered("agreement.gwet", { ratings: more })).not.toBe(
      answered("agreement.gwet", { ratings: krippendorffs }),
    );
  });

  it("23, 31: ICC has all its digits, a missing cell keeps its item, and the jackknife stands beside F", () => {
    const icc = answered("agreement.icc", { ratings: shroutFleiss }) as Record<string, number & number[]>;
    expect([icc.ICC1, icc.ICC2, icc.ICC3].map((value) => value.toFixed(2))).toEqual(["0.17", "0.29", "0.71"]);
    expect(icc.ICC3_ci[0]).toBeCloseTo(0.342465, 6);
    const missing = shroutFleiss.map((row, i) => (i === 0 ? [null, ...row.slice(1)] : row));
    const kept = number(field("ICC1", "agreement.icc", { ratings: missing }));
    expect(kept).not.toBeCloseTo(
      number(field("ICC1", "agreement.icc", { ratings: shroutFleiss.slice(1) })),
      3,
    );
    const cells = shroutFleiss.flatMap((row, i) => row.map((value, r) => [i, r, value]));
    const units = unitsOf({
      items: 6,
      raters: 4,
      item: Int32Array.from(cells, ([i]) => i),
      rater: Int32Array.from(cells, ([, r]) => r),
      value: Float64Array.from(cells, ([, , value]) => value),
    });
    const found = agreement(oneWay(units), units);
    expect(found.estimate).toBeCloseTo(icc.ICC1, 12);
    expect(found.low).toBeLessThan(icc.ICC1);
  });

  it("24: of a rater's votes on one item the last counts, and the other is counted as dropped", () => {
    const twice = {
      items: 2,
      raters: 2,
      item: Int32Array.of(0, 0, 0, 1, 1),
      rater: Int32Array.of(0, 1, 0, 0, 1),
      value: Float64Array.of(1, 2, 2, 1, 1),
    };
    const { dropped, patterns, patternOf } = unitsOf(twice);
    expect(dropped).toBe(1);
    expect(Array.from(patterns[patternOf[0]].category)).toEqual([1, 1]);
  });
});

describe("joint estimation and design", () => {
  const random = randomOf(41);
  const y = Array.from({ length: 24 }, () => (random() < 0.6 ? 1 : 0));
  const f = y.map((each) => Math.min(1, Math.max(0, each + 0.6 * (random() - 0.5))));
  const rest = Array.from({ length: 200 }, () => random());

  it("25: PPI's interval is that of 95 %, ddof 1 and t(n − 1); a tie is allowed as a half; below 20 labels it is classical", () => {
    const found = answered("joint.ppiMean", { y, f, fUnlabelled: rest }, { lambda: 1 }) as Record<
      string,
      number
    >;
    const errors = y.map((each, i) => each - f[i]);
    const variance = (values: readonly number[]) => {
      const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
      return values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1);
    };
    const se = Math.sqrt(variance(rest) / 200 + variance(errors) / 24);
    expect(found.se).toBeCloseTo(se, 12);
    expect((found.high - found.estimate) / se).toBeCloseTo(2.068658, 5); // t(23)
    const few = { y: y.slice(0, 19), f: f.slice(0, 19), fUnlabelled: rest };
    expect(answered("joint.ppiMean", few)).toMatchObject({ lambda: 0, reason: expect.stringMatching(/20/) });
    const tied = { a: [0, 0, 0, 0], b: [1, 1, 1, 1], y: [1, 0.5, 0, null], f: [1, 0.5, 0.5, 0.5] };
    expect(list(field("theta", "joint.ppiBT", tied))[0]).toBeCloseTo(0, 9);
  });

  it("26: length control at n = 20 keeps near the raw rate and has an error", () => {
    const wins = Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const lengths = wins.map((_, i) => 300 + ((i * 37) % 100));
    const input = { y: wins, lengthModel: lengths, lengthBase: lengths.toReversed() };
    const found = answered("joint.lengthControlled", input) as Record<string, number>;
    expect(found.winRate).toBe(25);
    expect(Math.abs(found.lcWinRate - 25)).toBeLessThan(5);
    expect(found.lcStandardError).toBeGreaterThan(5);
  });

  it("27: the human ceiling says of how many items it is", () => {
    const humans = [
      [1, 1, 0],
      [1, 1, 1],
      [0, 1, 0.5],
    ];
    expect(answered("joint.judge", { judge: [1, 1, 1], humans })).toMatchObject({
      n: 3,
      agreement: 2 / 3,
      leaveOneOutHuman: { n: 4, agreement: 0.75 },
    });
  });

  it("28: one may look at the mixture test after every vote", () => {
    const coin = randomOf(51);
    let [always, naive] = [0, 0];
    for (let run = 0; run < 300; run++) {
      const x = Array.from({ length: 600 }, () => (coin() < 0.5 ? 1 : 0));
      const states = msprt(x);
      if (states.some(({ logE }) => logE >= Math.log(20))) always++;
      if (states.some(({ t, mean }) => t % 10 === 0 && Math.abs(mean - 0.5) * Math.sqrt(4 * t) > 1.96))
        naive++;
    }
    expect(always / 300).toBeLessThan(0.06);
    expect(naive / 300).toBeGreaterThan(0.2);
  });
});
