import { expect, it } from "vitest";
import { randomOf } from "@/server/statistics/math/random";
import { judgeStudies } from "../bench/judge-studies";

const RUNS = 400;
/** Three standard errors of a share of 95 % among 400, and a point for what is approximate. */
const [LEAST, MOST] = [0.907, 0.993];

for (const { name, study } of judgeStudies())
  it(`${name}: 95 % intervals hold the truth`, () => {
    for (const n of [50, 200]) {
      const random = randomOf(1000 + n);
      let [held, given] = [0, 0];
      for (let run = 0; run < RUNS; run++)
        for (const { interval, truth } of study(n, random)) {
          if (interval.low === null || interval.high === null) continue;
          given++;
          if (interval.low <= truth && truth <= interval.high) held++;
        }
      expect(given, `${n} prompts: studies with an interval`).toBeGreaterThan(0.9 * RUNS);
      expect(held / given, `${n} prompts`).toBeGreaterThan(LEAST);
      expect(held / given, `${n} prompts`).toBeLessThan(MOST);
    }
  });
