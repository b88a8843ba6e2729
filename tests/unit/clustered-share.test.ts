import { expect, it } from "vitest";
import { clusteredShare } from "@/server/statistics/clustered-share";

const clusters = (rows: readonly (readonly [of: number, count: number])[]) =>
  rows.map(([of, count]) => ({ of, count, clusters: 1 }));
const prompts = [
  [3, 2],
  [1, 1],
  [5, 1],
  [2, 2],
  [4, 3],
  [1, 0],
  [3, 3],
] as const;

it("is the share of all, with the interval of their clusters, as statsmodels has it", () => {
  // GLM(y, 1, Binomial()).fit(cov_type="cluster", cov_kwds={"groups": prompt}) of statsmodels 0.15.0, t(G − 1) of scipy.
  const found = clusteredShare(clusters(prompts));
  expect(found).toMatchObject({ method: "sandwich", clusters: 7 });
  expect([found.low, found.estimate, found.high].map((value) => value?.toFixed(9))).toEqual([
    "0.256523121",
    "0.631578947",
    "0.894929357",
  ]);
  const twice = clusteredShare(clusters([...prompts, ...prompts]));
  const counted = clusteredShare(clusters(prompts).map((one) => ({ ...one, clusters: 2 })));
  expect(counted.low).toBeCloseTo(twice.low ?? 0, 12);
  expect(counted).toMatchObject({ clusters: 14, estimate: found.estimate });
});

it("is never certain: clusters that do not differ are counted themselves, and one says nothing of others", () => {
  expect(
    clusteredShare(
      clusters([
        [9, 9],
        [4, 4],
      ]),
    ),
  ).toMatchObject({ method: "wilson", estimate: 1, high: 1 });
  expect(
    clusteredShare(
      clusters([
        [9, 9],
        [4, 4],
      ]),
    ).low,
  ).toBeCloseTo(0.3424, 4);
  expect(
    clusteredShare(
      clusters([
        [3, 1],
        [9, 3],
        [6, 2],
      ]),
    ).method,
  ).toBe("wilson");
  expect(clusteredShare(clusters([[40, 30]]))).toMatchObject({ estimate: 0.75, low: null, high: null });
  expect(clusteredShare([])).toMatchObject({ estimate: null, low: null, clusters: 0 });
});
