import { expect, test } from "vitest";
import { parse } from "yaml";
import { askedBenchmarkSchema } from "@/db/shape/benchmark";
import type { Benchmark } from "@/server/benchmark/schema";
import { evalResults } from "@/workers/benchmark/eval-results";

const figure = {
  ...{ metric: "exact_match", filter: "strict-match", value: 0.25, n: 1319, clusters: 1319 },
  ...{ low: 0.2274, high: 0.2741, interval: "95 %, Wilson", strict: null, cut: 0 },
  setting: "generate_until · 5 shots (seed 1234)",
};
const files = [{ name: "test.jsonl", sha256: "0".repeat(64) }];
const of = (changes: Partial<Benchmark>, asked: object = {}): Benchmark => ({
  ...{ id: "b", modelId: "m", model: "Tuned", runId: null, status: "succeeded", name: "GSM8K, test.jsonl" },
  ...{ key: "0123456789ab", documents: 1319, seconds: 60, figures: [figure], contamination: null },
  ...{ createdAt: new Date("2026-11-29"), finishedAt: new Date("2026-11-30") },
  asked: askedBenchmarkSchema.parse({ suite: "gsm8k", files, ...asked }),
  ...changes,
});

test("a whole benchmark in its suite's setting leaves as the Hub reads it, the newest of a key", () => {
  const [file, ...more] = evalResults([of({}), of({ figures: [{ ...figure, value: 0.9 }] })]);
  expect(more).toEqual([]);
  expect(file.name).toBe(".eval_results/gsm8k-01234567.yaml");
  expect(parse(file.text)).toEqual([
    {
      dataset: { id: "openai/gsm8k", task_id: "gsm8k" },
      ...{ value: 0.25, date: "2026-11-30" },
      notes:
        "exact_match (strict-match) of 1319 items of GSM8K, test.jsonl, as a share of 1; 0.2274 to 0.2741 (95 %, Wilson); generate_until · 5 shots (seed 1234); no training rows behind the model are known here",
    },
  ]);
});

test.each([
  ["a part of it", of({ documents: 100 }, { limit: 100 })],
  ["with other examples", of({}, { shots: 0 })],
  ["another setting", of({}, { fields: "num_fewshot: 1" })],
  ["a benchmark of one's own", of({}, { suite: "own" })],
  ["one that is not over", of({ finishedAt: null, figures: [] })],
])("%s is no result of the benchmark", (_, benchmark) => expect(evalResults([benchmark])).toEqual([]));
