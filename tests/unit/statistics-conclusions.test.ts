import { expect, it } from "vitest";
import { fragility, fragilityOf, raterFragilityOf } from "@/server/statistics/design/fragility";
import { comparisonsFor, promptsFor } from "@/server/statistics/design/power";
import { msprt, votesToDecide } from "@/server/statistics/design/sequential";
import { randomOf } from "@/server/statistics/math/random";
import { studentQuantile } from "@/server/statistics/math/student";
import { bradleyTerry } from "@/server/statistics/ranking/bradley-terry";
import { plackettLuce } from "@/server/statistics/ranking/plackett-luce";
import { ranksOf } from "@/server/statistics/ranking/rank";
import { withTies } from "@/server/statistics/ranking/ties";
import type { Votes } from "@/server/statistics/ranking/votes";

/** Rows [a, b, y, prompt, rater]. */
function votesOf(models: number, rows: readonly (readonly [number, number, number, number, number])[]) {
  const column = (k: 0 | 1 | 3 | 4) => Int32Array.from(rows, (row) => row[k]);
  const y = Float64Array.from(rows, ([, , each]) => each);
  return { models, a: column(0), b: column(1), y, cluster: column(3), rater: column(4) } satisfies Votes;
}

/** Three models, 40 prompts, 6 raters of whom half like the first for itself. */
function leaning({ ties = 0, seed = 1 } = {}) {
  const random = randomOf(seed);
  return votesOf(
    3,
    Array.from({ length: 240 }, (_, n) => {
      const [a, b] = [
        [0, 1],
        [1, 2],
        [2, 0],
      ][n % 3];
      const rater = (random() * 6) | 0;
      const p = 0.5 + 0.1 * (b - a) + (rater < 3 ? (a === 0 ? 0.3 : b === 0 ? -0.3 : 0) : 0);
      return [a, b, random() < ties ? 0.5 : random() < p ? 1 : 0, n % 40, rater] as const;
    }),
  );
}

it("intervals are the wider of those by prompt and those by rater, each with its own t", () => {
  const votes = leaning();
  const { rater, cluster: _, ...bare } = votes;
  const byPrompt = bradleyTerry({ ...bare, cluster: votes.cluster });
  const byRater = bradleyTerry({ ...bare, cluster: rater });
  const both = bradleyTerry(votes);
  expect(both.errors.map(({ by, degrees }) => [by, degrees])).toEqual([
    ["prompt", 39],
    ["rater", 5],
  ]);
  for (const i of [0, 1, 2]) {
    const half = Math.max(
      studentQuantile(0.975, 39) * (byPrompt.se?.[i] ?? 0),
      studentQuantile(0.975, 5) * (byRater.se?.[i] ?? 0),
    );
    expect((both.high?.[i] ?? 0) - (both.theta?.[i] ?? 0)).toBeCloseTo(half, 10);
  }
  expect(both.high?.[0]).toBeGreaterThan(byPrompt.high?.[0] ?? Number.NaN);
});

it("without ties Davidson and Rao–Kupper have the intervals of Bradley–Terry", () => {
  const votes = leaning();
  const plain = bradleyTerry(votes);
  for (const kind of ["davidson", "raoKupper"] as const) {
    const found = withTies(kind, votes);
    expect(found.reason).toBeUndefined();
    for (const i of [0, 1, 2]) {
      expect(found.theta?.[i]).toBeCloseTo(plain.theta?.[i] ?? Number.NaN, 8);
      expect(found.low?.[i]).toBeCloseTo(plain.low?.[i] ?? Number.NaN, 8);
    }
  }
});

it("Plackett–Luce on pairs has the intervals of Davidson with ties, of Bradley–Terry without", () => {
  for (const ties of [0, 0.3]) {
    const votes = leaning({ ties });
    const { a, b, y, cluster, rater } = votes;
    const rankings = Array.from(y, (each, r) =>
      each === 0.5 ? [[a[r], b[r]]] : each === 1 ? [[a[r]], [b[r]]] : [[b[r]], [a[r]]],
    );
    const found = plackettLuce(rankings, 3, { cluster, rater });
    const same = ties > 0 ? withTies("davidson", votes) : bradleyTerry(votes);
    for (const i of [0, 1, 2]) {
      expect(found.theta?.[i]).toBeCloseTo(same.theta?.[i] ?? Number.NaN, 5);
      expect(found.se?.[i]).toBeCloseTo(same.se?.[i] ?? Number.NaN, 4);
    }
  }
});

it("a rank has a best and a worst, and what is not told apart shares both", () => {
  const row = (a: number, b: number, won: number, of: number) =>
    Array.from({ length: of }, (_, n) => [a, b, n < won ? 1 : 0, n + 1000 * a + 100 * b, n % 25] as const);
  // The first is far ahead, the others are even.
  const ranks = ranksOf(
    bradleyTerry(votesOf(3, [...row(0, 1, 75, 90), ...row(0, 2, 75, 90), ...row(1, 2, 45, 90)])),
  );
  expect(ranks.rankByDifference).toEqual([1, 2, 2]);
  expect(ranks.rankAtWorst).toEqual([1, 3, 3]);
});

it("says which raters carry a first place: no smaller set turns it, the named one does", () => {
  // Rater 0 alone puts the first ahead; the four others are for the second, 3 to 2 each.
  const rows = [0, 1, 2, 3, 4].flatMap((rater) =>
    Array.from({ length: 5 }, (_, n) => [0, 1, rater === 0 || n < 2 ? 1 : 0, n, rater] as const),
  );
  const votes = votesOf(2, [...rows, [0, 1, 1, 9, 1], [0, 1, 1, 9, 2]]);
  const strength = bradleyTerry(votes).theta ?? [];
  expect(strength[0]).toBeGreaterThan(strength[1] ?? Number.NaN);
  expect(raterFragilityOf(votes)).toEqual({ leader: 0, second: 1, alone: [0], together: [0] });
  const wins = votes.y.filter((each) => each === 1).length;
  expect(fragilityOf(votes)).toMatchObject({ removed: fragility(wins, votes.y.length - wins) });
});

it.each([
  [1, 0.3, 0.2],
  [3, 0.3, 0],
  [3, 0.6, 0.2],
])(
  "%i raters a prompt whose votes correlate by %f, %f ties: the planned power is had",
  (votes, alike, ties) => {
    const p = 0.6;
    const prompts = promptsFor({ p, ties, votes, alike });
    expect(promptsFor({ p, ties, votes: 1, alike })).toBe(comparisonsFor({ p, ties }));
    const random = randomOf(7);
    const draw = () => (random() < ties ? 0.5 : random() < 0.5 + (p - 0.5) / (1 - ties) ? 1 : 0);
    let found = 0;
    const studies = 2000;
    for (let study = 0; study < studies; study++) {
      let [sum, squares] = [0, 0];
      for (let prompt = 0; prompt < prompts; prompt++) {
        // With the chance √ρ each vote is the prompt's own, so that two correlate by ρ.
        const own = draw();
        let mean = 0;
        for (let vote = 0; vote < votes; vote++) mean += (random() < Math.sqrt(alike) ? own : draw()) / votes;
        sum += mean - 0.5;
        squares += (mean - 0.5) ** 2;
      }
      const mean = sum / prompts;
      const se = Math.sqrt((squares / prompts - mean * mean) / (prompts - 1));
      if (Math.abs(mean) > studentQuantile(0.975, 120) * se) found++;
    }
    expect(found / studies).toBeGreaterThan(0.75);
    expect(found / studies).toBeLessThan(0.86);
  },
);

it("the extrapolation of a sequential test ends where the test itself does", () => {
  for (const mean of [0.6, 0.75, 1]) {
    const needed = votesToDecide(mean);
    const states = msprt(Array<number>(needed).fill(mean));
    expect(states.findIndex(({ logE }) => logE >= Math.log(20))).toBe(needed - 1);
  }
  expect(votesToDecide(0.5)).toBe(Number.POSITIVE_INFINITY);
});
