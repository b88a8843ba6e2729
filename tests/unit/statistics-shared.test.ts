import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerCases } from "@/workers/statistics/answer-cases";
import { rebuiltFrom } from "./statistics/rebuilt";

/** What reference libraries say on real data, beside the checkout; not part of it. */
const shared = new URL("../../../shared/", import.meta.url).pathname;

const cases = z.object({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      fn: z.string(),
      expected: z.unknown(),
      tol: z.number(),
      input: z.unknown().optional(),
    }),
  ),
});

/** Where the value is not what is expected, each place with both. */
function differences(expected: unknown, value: unknown, tolerance: number, place = "value"): string[] {
  if (typeof expected === "number" && typeof value === "number")
    return Math.abs(expected - value) <= tolerance + 1e-12 ? [] : [`${place}: ${value}, not ${expected}`];
  if (Array.isArray(expected) && Array.isArray(value) && expected.length === value.length)
    return expected.flatMap((each, i) => differences(each, value[i], tolerance, `${place}[${i}]`));
  if (typeof expected === "object" && expected && !Array.isArray(expected)) {
    const own = new Map(typeof value === "object" && value ? Object.entries(value) : []);
    return Object.entries(expected).flatMap(([key, each]) =>
      own.has(key) && own.get(key) === undefined
        ? []
        : differences(each, own.get(key), tolerance, `${place}.${key}`),
    );
  }
  return Object.is(expected, value)
    ? []
    : [`${place}: ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`];
}

for (const file of ["statistics_inline.json", "statistics_dev.json"])
  describe.skipIf(!existsSync(`${shared}golden/${file}`))(
    `figures that reference libraries agree on: ${file} (skipped where ../shared is not beside the checkout)`,
    () => {
      const path = `${shared}golden/${file}`;
      const given = existsSync(path) ? cases.parse(JSON.parse(readFileSync(path, "utf8"))).cases : [];
      const rebuilt = rebuiltFrom(`${shared}data`);
      it.each(given.map((each) => [each.id, each] as const))("%s", (id, each) => {
        const { expected, tol, ...stated } = each;
        const made = stated.input === undefined ? rebuilt(id) : undefined;
        if (stated.input === undefined && !made) throw new Error(`nobody rebuilds ${id}: ${each.data}`);
        const [answered] = answerCases(
          JSON.stringify([made ? { ...stated, ...made.options, input: made.input } : stated]),
        );
        if ("error" in answered) throw new Error(answered.error);
        const value = made?.view
          ? made.view(z.record(z.string(), z.unknown()).parse(answered.value))
          : answered.value;
        expect(differences(expected, value, tol)).toEqual([]);
      });
    },
  );
