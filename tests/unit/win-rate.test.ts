import { expect, it } from "vitest";
import { studentQuantile } from "@/server/statistics/math/student";
import { type Outcome, winRate } from "@/server/statistics/ranking/win-rate";

/** Outcomes by prompt: [prompt, score]. */
const outcomes = (rows: readonly (readonly [number, number])[]): Outcome[] =>
  rows.map(([prompt, score]) => ({ promptId: `prompt ${prompt}`, score }));

const twoRaters = outcomes([
  ...([
    [0, 1],
    [0, 1],
    [1, 1],
    [1, 0.5],
    [2, 0],
    [2, 0],
    [3, 1],
    [3, 0],
  ] as const),
  ...([
    [4, 0.5],
    [4, 0.5],
    [5, 1],
    [5, 1],
    [6, 1],
    [6, 1],
    [7, 0],
    [7, 0.5],
  ] as const),
]);

it("counts prompts and not votes, as statsmodels does", () => {
  // GLM(y, 1, Binomial()).fit(cov_type="cluster", cov_kwds={"groups": prompt}) of statsmodels 0.14.5, t(G − 1) of scipy.
  const found = winRate(twoRaters);
  expect(found).toMatchObject({ method: "sandwich", n: 16, prompts: 8 });
  expect([found.low, found.estimate, found.high].map((value) => value?.toFixed(9))).toEqual([
    "0.302086411",
    "0.625000000",
    "0.865184248",
  ]);
  const few = winRate(
    outcomes([
      [0, 1],
      [1, 0],
      [2, 1],
    ]),
  );
  expect([few.low, few.high].map((value) => value?.toFixed(8))).toEqual(["0.00313861", "0.99921350"]);
});

it("weighs every prompt the same: more raters of one prompt that agree change nothing", () => {
  const { n: _, ...once } = winRate(
    outcomes([
      [0, 1],
      [1, 0],
      [2, 0.5],
      [3, 1],
    ]),
  );
  const { n, ...again } = winRate(
    outcomes([
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 0],
      [2, 0.5],
      [3, 1],
      [3, 1],
    ]),
  );
  expect(n).toBe(7);
  expect(again).toEqual(once);
  const turned = winRate(twoRaters.map(({ promptId, score }) => ({ promptId, score: 1 - score })).reverse());
  const found = winRate(twoRaters);
  expect(turned.low).toBeCloseTo(1 - (found.high ?? 0), 12);
  expect(turned.estimate).toBeCloseTo(1 - (found.estimate ?? 0), 12);
});

it("never is certain: where prompts do not differ it counts them, and one prompt has no interval", () => {
  const won = winRate(
    outcomes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((p) => [[p, 1] as const, [p, 1] as const])),
  );
  expect(won).toMatchObject({ estimate: 1, method: "wilson", n: 20, prompts: 10 });
  expect(won.low).toBeCloseTo(0.7225, 4); // Wilson on 10 of 10, not on 20 of 20
  expect(
    winRate(
      outcomes([
        [0, 0.5],
        [1, 0.5],
      ]),
    ),
  ).toMatchObject({ estimate: 0.5, method: "wilson" });
  expect(
    winRate(
      outcomes([
        [0, 1],
        [0, 1],
      ]),
    ),
  ).toMatchObject({ estimate: 1, low: null, high: null, prompts: 1 });
  expect(winRate([])).toMatchObject({ estimate: null, low: null, n: 0 });
});

it("has the quantiles of Student's t that scipy has", () => {
  const known = {
    1: 12.706204736175,
    2: 4.302652729749,
    3: 3.182446305284,
    10: 2.228138851986,
    199: 1.971956544252,
  };
  for (const [degrees, value] of Object.entries(known))
    expect(studentQuantile(0.975, Number(degrees))).toBeCloseTo(value, 9);
});
