import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseJson } from "@/db/shape/written-json";
import { type Contents, documentsOf } from "@/server/benchmark/data";
import { figuresOf } from "@/server/benchmark/figures";
import { filterOf } from "@/server/benchmark/filters";
import { aggregated, aggregationOf, choiceItem, textItem } from "@/server/benchmark/metrics";
import { strictChoice, strictText } from "@/server/benchmark/strict";
import { bbhCot } from "@/server/benchmark/suites/bbh";
import { gsm8k } from "@/server/benchmark/suites/gsm8k";
import { ifevalProcess } from "@/server/benchmark/suites/ifeval";
import { readTask } from "@/server/benchmark/task";

/** What lm-eval 0.4.13's filters make of texts; beside the checkout, not part of it. */
const file = resolve(import.meta.dirname, "../../../shared/golden/extraction_dev.json");
const extraction = z.object({
  strings: z.array(
    z.looseObject({
      text: z.string(),
      "gsm8k.strict": z.string(),
      "gsm8k.flexible": z.string(),
      "gsm8k_cot.strict": z.string(),
      "bbh_cot.get-answer": z.string(),
      exact: z.record(z.string(), z.number()),
      exact_strict: z.record(z.string(), z.number()),
    }),
  ),
  multi_choice_regex: z.object({
    pattern: z.string(),
    ignore_case: z.boolean(),
    ignore_punctuation: z.boolean(),
    choices: z.array(z.string()),
    cases: z.array(z.object({ text: z.string(), value: z.string() })),
  }),
  gsm8k_model_solutions: z.array(
    z.object({
      gold: z.string(),
      text: z.string(),
      is_correct: z.boolean(),
      strict: z.string(),
      flexible: z.string(),
      exact_flexible: z.number(),
    }),
  ),
});

const filtersOf = (suite: typeof gsm8k) => {
  const task = readTask(suite.task, "a test", "suite");
  const filters = (task.filter_list ?? []).map(({ filter }, index) =>
    filterOf(filter, `filter_list.${index}`),
  );
  return { filters, score: textItem(task.metric_list ?? []) };
};

describe.skipIf(!existsSync(file))("answers as lm-eval reads them, and as we do", () => {
  const golden = existsSync(file) ? extraction.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
  const {
    filters: [strict, flexible],
    score,
  } = filtersOf(gsm8k);

  it("takes the same out of every text", () => {
    const {
      filters: [getAnswer],
    } = filtersOf(bbhCot);
    const cot = filterOf(
      [{ function: "regex", regex_pattern: "The answer is (\\-?[0-9\\.\\,]+)." }, { function: "take_first" }],
      "filter_list.0",
    );
    for (const { text, exact, exact_strict, ...expected } of golden?.strings ?? []) {
      const found = { strict: strict([text], {}), flexible: flexible([text], {}) };
      expect({
        text,
        "gsm8k.strict": found.strict,
        "gsm8k.flexible": found.flexible,
        "gsm8k_cot.strict": cot([text], {}),
        "bbh_cot.get-answer": getAnswer([text], {}),
      }).toEqual({ text, ...expected });
      for (const gold of Object.keys(exact)) {
        expect(score(found.flexible, `#### ${gold}`)).toEqual({ exact_match: exact[gold] });
        expect(score(found.strict, `#### ${gold}`)).toEqual({ exact_match: exact_strict[gold] });
      }
    }
  });

  it("finds the same letters of choices", () => {
    const { pattern, ignore_case, ignore_punctuation, choices, cases } = golden?.multi_choice_regex ?? {
      choices: [],
      cases: [],
    };
    const filter = filterOf(
      [{ function: "multi_choice_regex", regex_pattern: pattern, ignore_case, ignore_punctuation }],
      "filter_list.0",
    );
    expect(cases.map(({ text }) => ({ text, value: filter([text], { choices }) }))).toEqual(cases);
  });

  it("agrees with people on models' solutions of GSM8K, by lm-eval's reading and by ours", () => {
    for (const { gold, text, is_correct, ...expected } of golden?.gsm8k_model_solutions ?? []) {
      expect({ strict: strict([text], {}), flexible: flexible([text], {}) }).toEqual({
        strict: expected.strict,
        flexible: expected.flexible,
      });
      const answer = gold.split("A: ").at(-1) ?? "";
      expect(strictText(text, answer)?.credit).toBe(is_correct ? 1 : 0);
    }
  });
});

it("what every object of JavaScript has is no name of a filter, a figure or an answer", () => {
  const [place, document] = ["filter_list.0", {}];
  const map = filterOf([{ function: "map", mapping_dict: { yes: "A" } }], place);
  expect(["yes", "constructor", "toString"].map((answer) => map([answer], document))).toEqual([
    "A",
    "None",
    "None",
  ]);
  expect(() => filterOf([{ function: "constructor" }], place)).toThrow("constructor is not one of regex");
  expect(() => aggregationOf({ metric: "acc", aggregation: "valueOf" })).toThrow("valueOf is not one of");
  const asked = { instruction_id_list: ["constructor"], kwargs: [{}] };
  expect(() => ifevalProcess.ofText?.(asked, "An answer.")).toThrow("constructor is not one of keywords");
});

describe("our stricter reading", () => {
  it.each([
    ["−5 degrees", "-5", 1],
    ["−5 degrees", "5", 0],
    ["answer: ５", "5", 1],
    ["الجواب ٤٢", "42", 1],
    ["#### 18\n#### 20", "20", 1],
    ["#### 18\n\nQuestion: 5", "5", 0],
    ["20.00 dollars", "20", 1],
    ["#### $1,234", "#### 1234", 1],
    ["1e3", "1000", 1],
    ["3/4", "4", 0],
    ["the answer is yes", "yes", 1],
    ["<think>(A)?</think>(C)", "(C)", 1],
    ["A friend of mine says B", "(B)", 1],
    ["(A) or (B)", "(A)", 0],
  ])("of %j for %j gives %d", (text, gold, credit) => {
    expect(strictText(text, gold)?.credit).toBe(credit);
  });

  it("calls a NaN failed and shares a tie, where lm-eval takes the first choice", () => {
    const item = (values: number[]) => ({
      choices: values.map((_, index) => `choice ${index}`),
      gold: 0,
      scored: values.map((value) => [value, false] as const),
      alone: [],
    });
    const broken = item([Number.NaN, Number.NaN, Number.NaN]);
    expect(choiceItem(["acc"], broken)).toEqual({ acc: 1 });
    expect(strictChoice("acc", broken)).toEqual({ credit: 0, failed: true, tied: false });
    const equal = item([-2, -2, -2, -3]);
    expect(choiceItem(["acc"], equal)).toEqual({ acc: 1 });
    expect(strictChoice("acc", equal)).toEqual({ credit: 1 / 3, failed: false, tied: true });
  });
});

describe("data", () => {
  const table = (...rows: string[][]) => ({ form: "table" as const, cells: rows });

  it("of a known form gets the fields that templates know, in the order of the file", () => {
    const mmlu = documentsOf(table(["Where?", "a", "b", "c", "d", "C"]), "anatomy_test.csv", undefined);
    expect(mmlu).toEqual([
      { question: "Where?", subject: "anatomy", choices: ["a", "b", "c", "d"], answer: 2 },
    ]);
    const keyed = {
      form: "object" as const,
      entries: [["20", { q: "x" }] as const, ["3", { q: "y" }] as const],
    };
    expect(documentsOf(keyed, "pqal.json", undefined).map(({ id }) => id)).toEqual(["20", "3"]);
  });

  it("that does not fit is refused with file, row and field", () => {
    const refused = (contents: Contents, file: string, words: string, suite?: string) =>
      expect(() => documentsOf(contents, file, suite)).toThrow(words);
    const rows = (...all: unknown[]) => ({ form: "rows" as const, rows: all });
    refused(
      table(["Where?", "a", "b", "c", "d", "C"], ["What?", "a", "b"]),
      "x_test.csv",
      "x_test.csv, row 2: as its first row",
    );
    refused(
      rows({ prompt: 1, kwargs: [], instruction_id_list: [] }),
      "f.jsonl",
      "f.jsonl, row 1: prompt is 1; it must be a text.",
      "ifeval",
    );
    refused(table(["a", "b"], ["1"]), "t.csv", "t.csv, row 1 has 1 cells");
    refused(rows(), "e.jsonl", "e.jsonl has no rows");
    refused(rows(parseJson("1.0")), "n.jsonl", "n.jsonl, row 1 is no object");
    const numbers = { form: "object" as const, entries: [["a", parseJson("1.0")] as const] };
    refused(numbers, "n.json", "n.json is one object that holds neither");
    refused(rows({}), "e.jsonl", "suite: mmmlu is not one of mmlu, arc", "mmmlu");
    refused(rows({}), "e.jsonl", "suite: constructor is not one of mmlu, arc", "constructor");
  });
});

describe("figures over documents", () => {
  const metric = (name: string) => aggregationOf({ metric: name });

  /** scikit-learn 1.9 on 12 pairs of target and answer. */
  const pairs = [
    [1, 1],
    [1, 0],
    [0, 0],
    [1, 1],
    [0, 1],
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ];

  it("are scikit-learn's F1 and correlation, with errors by lm-eval's own draws", () => {
    expect(aggregated(pairs, metric("f1"), 0).value).toBeCloseTo(2 / 3, 12);
    expect(aggregated(pairs, metric("mcc"), 0).value).toBeCloseTo(1 / 3, 12);
    expect(aggregated(pairs, metric("f1"), 2000).stderr).toBeCloseTo(0.171921157987, 10);
    expect(aggregated(pairs, metric("mcc"), 2000).stderr).toBeCloseTo(0.287046670052, 10);
    expect(() => aggregated([[2, 1]], metric("f1"), 0)).toThrow("f1 is of two choices");
  });

  it("have an interval by clusters where documents belong together", () => {
    const task = readTask({ doc_to_choice: ["a", "b"], output_type: "multiple_choice" }, "a test", "t");
    const scored = Array.from({ length: 40 }, (_, index) => ({
      id: index,
      filter: "none",
      metrics: { acc: index % 8 < 6 ? 1 : 0, acc_norm: 1 },
      strict: {},
      cluster: String(index >> 2),
      cut: index === 0,
    }));
    const {
      results,
      figures: [acc],
    } = figuresOf(task, scored);
    expect(results["acc,none"]).toBe(0.75);
    expect(results["acc_stderr,none"]).toBeCloseTo(Math.sqrt((0.75 * 0.25) / 39), 12);
    const alone = figuresOf(
      task,
      scored.map((one, index) => ({ ...one, cluster: String(index) })),
    ).figures[0];
    expect(acc).toMatchObject({ n: 40, clusters: 10, cut: 1 });
    expect(alone.interval).toBe("95 %, Wilson");
    expect((acc.high ?? 0) - (acc.low ?? 0)).toBeGreaterThan(1.2 * ((alone.high ?? 0) - (alone.low ?? 0)));
  });
});
