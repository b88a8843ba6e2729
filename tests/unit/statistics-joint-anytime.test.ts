import { expect, it } from "vitest";
import { anytimeBound } from "@/server/statistics/joint/anytime";
import { clusteredJoint, type Predicted } from "@/server/statistics/joint/clustered";
import { randomOf } from "@/server/statistics/math/random";

it("holds the truth at all looks together, where the interval for one look does not", () => {
  const random = randomOf(9);
  const runs = 150;
  let [once, always] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const pairs = Array.from({ length: 320 }, (_, i) => {
      const truth = random() < 0.6 ? 1 : 0;
      return { cluster: `${i}`, f: random() < 0.85 ? truth : 1 - truth, truth };
    });
    let [missedOnce, missed] = [false, false];
    for (let judged = 20; judged <= 300; judged += 20) {
      const rows = pairs.map(
        ({ truth, ...pair }, i): Predicted => ({ ...pair, y: i < judged ? truth : null }),
      );
      const { estimate, se, low, high, clusters } = clusteredJoint(rows).joint;
      if (estimate === null || se === null || low === null || high === null) continue;
      if (low > 0.6 || high < 0.6) missedOnce = true;
      if (Math.abs(estimate - 0.6) > anytimeBound(clusters) * se) missed = true;
    }
    if (missedOnce) once++;
    if (missed) always++;
  }
  expect(once / runs).toBeGreaterThan(0.12);
  expect(always / runs).toBeLessThanOrEqual(0.06);
});

it("is as wide as the paper's boundary says", () => {
  // t = 200, α = .05: ρ² t = 5.9915 + ln 6.9915 = 7.9362; √(2 · 8.9362/7.9362 · ln(√8.9362/.05)) = 3.0349, times t(199)/z.
  expect(anytimeBound(200)).toBeCloseTo(3.0349 * (1.971957 / 1.959964), 3);
});
