import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { figuresOf } from "@/server/benchmark/figures";
import { keyOf, taskOf } from "@/server/benchmark/plan";
import { listSuites, suites } from "@/server/benchmark/suites";
import { alpacaEvalProcess } from "@/server/benchmark/suites/alpaca-eval";
import { mtBenchProcess, ratingIn } from "@/server/benchmark/suites/mt-bench";
import type { Asking } from "@/server/benchmark/suites/suite";
import { readTask } from "@/server/benchmark/task";

const asked = z.object({ system: z.string(), user: z.string() });
const golden = z
  .object({
    alpaca: asked,
    rates: z.array(
      z.object({
        preferences: z.array(z.number()),
        win_rate: z.number(),
        discrete_win_rate: z.number(),
      }),
    ),
    mt_bench: z.record(z.string(), asked),
    ratings: z.array(z.tuple([z.string(), z.number()])),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "golden/judged.json"), "utf8")));

/** A judge that is told what to say, and what was said to it. */
function scripted({ first = 0.5, words = "[[5]]" }: { first?: number; words?: string } = {}) {
  const heard: z.infer<typeof asked>[] = [];
  const hear = (messages: readonly { role: string; content: string }[]) =>
    heard.push({ system: messages[0].content, user: messages[1].content });
  const asking: Asking = {
    answer: async () => "5",
    judge: {
      async likelihoods(messages) {
        hear(messages);
        // Half of its probability is on other tokens.
        return [Math.log(first / 2), Math.log((1 - first) / 2)];
      },
      async write(messages) {
        hear(messages);
        return words;
      },
    },
  };
  return { asking, heard };
}

const figures = (
  suite: "alpaca_eval" | "mt_bench",
  metrics: readonly Awaited<ReturnType<typeof judged>>[],
) => {
  const task = readTask({ ...suites[suite].task, suite, judge: { model: "/x", name: "J" } }, "a test", suite);
  const scored = metrics.map(({ scores }, id) => ({
    ...{ id, filter: "none", strict: {}, cluster: String(id), cut: false, metrics: scores },
  }));
  return figuresOf({ ...task, bootstrap_iters: 0 }, scored).figures;
};
const judged = (
  document: Record<string, unknown>,
  answer: string,
  { asking }: ReturnType<typeof scripted>,
) => {
  const process = document.turns ? mtBenchProcess : alpacaEvalProcess;
  if (!process.ofJudged) throw new Error("not judged");
  return process.ofJudged(document, [answer], asking);
};

describe("AlpacaEval", () => {
  const document = { instruction: "Say “hi”.\nTwice.", output: "hi hi" };

  test("asks its judge as alpaca_eval does, in both orders, and takes the mean", async () => {
    const judge = scripted({ first: 0.8 });
    const { scores } = await judged(document, 'He said: "hi"', judge);
    expect(judge.heard[0]).toEqual(golden.alpaca);
    expect(judge.heard).toHaveLength(2);
    // A judge that goes by position alone knows nothing.
    expect(scores.win_rate).toBeCloseTo(0.5, 12);
    expect(scores).toMatchObject({ discrete_win_rate: 0.5, same_in_both_orders: 0 });
    expect(scores.label_mass).toBeCloseTo(0.5, 12);
    expect((await judged(document, "x", scripted({ first: Number.NaN }))).scores).toEqual({});
  });

  test.each(golden.rates)("has alpaca_eval's win rates of $preferences", (row) => {
    const won = row.preferences.map((preference) => preference - 1);
    const found = figures(
      "alpaca_eval",
      won.map((win) => ({
        said: [],
        scores: { win_rate: win, discrete_win_rate: win === 0.5 ? 0.5 : Number(win > 0.5) },
      })),
    );
    const value = (name: string) => found.find(({ metric }) => metric === name)?.value;
    expect(value("win_rate")).toBeCloseTo(row.win_rate / 100, 12);
    expect(value("discrete_win_rate")).toBeCloseTo(row.discrete_win_rate / 100, 12);
  });

  test("at equal length a model that wins by length alone wins half", () => {
    // The longer one wins in four of five, whosever it is; the model's is longer in most.
    const rows = Array.from({ length: 100 }, (_, index) => {
      const longer = index % 4 !== 0;
      const wins = longer === (index % 5 !== 0);
      return {
        said: [],
        scores: {
          win_rate: wins ? 1 : 0,
          length_controlled_win_rate: [wins ? 1 : 0, longer ? 300 : 100, 200],
        },
      };
    });
    const found = figures("alpaca_eval", rows);
    const of = (name: string) => found.find(({ metric }) => metric === name);
    expect(of("win_rate")?.value).toBeGreaterThan(0.6);
    expect(of("length_controlled_win_rate")?.value).toBeCloseTo(0.5, 2);
    expect(of("length_controlled_win_rate")?.low).toBeLessThan(0.5);
    expect(of("win_rate")?.setting).toContain("judge J");
  });
});

describe("MT-Bench", () => {
  const turns = ["What is 2+2?", "And one more?"];

  test("asks its judge as FastChat does, with a reference where it has one", async () => {
    const [plain, checked] = [scripted(), scripted()];
    await judged({ category: "writing", turns }, "4", plain);
    await judged({ category: "math", turns, reference: ["It is 4.", "It is 5."] }, "4", checked);
    const { "single-v1": one, "single-v1-multi-turn": two } = golden.mt_bench;
    expect(plain.heard).toEqual([one, two]);
    expect(checked.heard).toEqual([
      golden.mt_bench["single-math-v1"],
      golden.mt_bench["single-math-v1-multi-turn"],
    ]);
    await expect(judged({ category: "math", turns }, "4", plain)).rejects.toThrow("reference is missing");
  });

  test("counts what was rated, and says how much was not", async () => {
    const rows = [
      await judged({ category: "writing", turns }, "4", scripted({ words: "Rating: [[8]]" })),
      await judged({ category: "writing", turns }, "4", scripted({ words: "Very good." })),
    ];
    expect(rows[0].said).toEqual(["5", "Rating: [[8]]", "Rating: [[8]]"]);
    const found = figures("mt_bench", rows).map(({ metric, value, n }) => [metric, value, n]);
    expect(found).toEqual([
      ["score", 8, 1],
      ["first_turn", 8, 1],
      ["second_turn", 8, 1],
      ["rated", 0.5, 2],
    ]);
  });

  test.each(golden.ratings)("finds the rating of %j as FastChat does", (words, rating) => {
    expect(ratingIn(words)).toBe(rating === -1 ? null : rating);
  });

  test("a rating beyond 10 is none", () => expect(ratingIn("[[11]]")).toBeNull());
});

test("a judged suite wants a judge, others none, and figures of two judges are not compared", () => {
  const files = [{ name: "a.json", sha256: "0".repeat(64), holds: "questions" as const }];
  const of = (suite: string, judgeModelId?: string) => ({
    ...{ suite, files, limit: null, shots: null, chat: false, cluster: null, fields: "", judgeModelId },
  });
  expect(() => taskOf(of("mt_bench"))).toThrow("no judge is chosen");
  expect(() => taskOf(of("gsm8k", "a"))).toThrow("leave the judge out");
  expect(keyOf(of("mt_bench", "a"))).not.toBe(keyOf(of("mt_bench", "b")));
  expect(listSuites().flatMap(({ name, judged }) => (judged ? [name] : []))).toEqual([
    "alpaca_eval",
    "mt_bench",
  ]);
});
