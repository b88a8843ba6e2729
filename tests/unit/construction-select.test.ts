import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Candidate } from "@/server/construction/candidate";
import { readRecipe } from "@/server/construction/recipe";
import { rowHash, type Selection, select } from "@/server/construction/select";
import { type StepName, steps } from "@/server/construction/steps";

const rowsOf = (values: readonly Record<string, unknown>[], source = 0): Candidate[] =>
  values.map((value, index) => ({
    source,
    row: index + 1,
    value,
    place: `rows-${source}.jsonl, row ${index + 1}`,
    hash: rowHash(value),
  }));
const words = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}${i}`).join(" ");
const run = (
  recipe: Record<string, unknown>,
  candidates: readonly Candidate[],
  files: Record<string, Candidate[]> = {},
): Selection =>
  select(
    readRecipe({ sources: [{ name: "one", file: "one.jsonl" }], text: "text", ...recipe }, "recipe.yaml"),
    candidates,
    (path) => files[path] ?? [],
  );
const kept = ({ selected }: Selection) => selected.map(({ from }) => from[0].row);

describe("a recipe", () => {
  /** For each step: settings, rows, and which of them stay. */
  const cases: Record<StepName, [unknown, Record<string, unknown>[], number[]]> = {
    scrub: [{}, [{ text: "Write to a@example.org" }, { text: "I am 12 years old" }], [1]],
    exact: ["", [{ text: "One" }, { text: "one " }, { text: "two" }], [1, 3]],
    near: [
      { threshold: 0.8 },
      [{ text: words("a", 40) }, { text: `${words("a", 40)} b` }, { text: "c" }],
      [1, 3],
    ],
    benchmark: [{ against: "bench" }, [{ text: words("q", 13) }, { text: words("q", 12) }], [2]],
    self_instruct: [
      { instruction: "text", seeds: "seeds" },
      [
        { text: "Name five rivers of Europe" },
        { text: "Name six lakes of Asia and their depth" },
        { text: "Draw a map" },
      ],
      [2],
    ],
    instances: [
      { instruction: "text", input: "in", output: "out" },
      [
        { text: "t", in: "1", out: "odd" },
        { text: "t", in: "2", out: "2" },
        { text: "u", in: "3", out: "odd" },
        { text: "u", in: "3", out: "even" },
      ],
      [1],
    ],
    evolved: [
      { instruction: "text", reply: "out", equal: "same" },
      [
        { text: "a", out: "Because of rain.", same: false },
        { text: "a", out: "Because of rain.", same: true },
        { text: "a", out: "Sorry, no.", same: false },
      ],
      [1],
    ],
    grounded: [
      { quotation: "text", document: "doc" },
      [
        { text: "kidneys filter", doc: "The kidneys filter blood." },
        { text: "kidneys make", doc: "The kidneys filter blood." },
      ],
      [1],
    ],
    score: [
      { field: "s", at_least: 4.5 },
      [{ s: 4.5 }, { s: 4.4 }, { s: 5 }].map((one) => ({ text: "", ...one })),
      [1, 3],
    ],
    ifd: [
      { conditioned: "c", alone: "a", share: 0.34 },
      [
        { c: 1, a: 2 },
        { c: 1.9, a: 2 },
        { c: 3, a: 2 },
      ].map((one) => ({ text: "", ...one })),
      [2],
    ],
    deita: [
      { complexity: "c", quality: "q", embedding: "e", keep: 2 },
      [
        { c: 2, q: 2, e: [0, 1] },
        { c: [3, 1], q: [4, 1], e: [1, 0] },
        { c: 3, q: 4, e: [1, 0.01] },
      ].map((one) => ({ text: "", ...one })),
      [1, 2],
    ],
    k_center: [
      { embedding: "e", keep: 2 },
      [{ e: [0, 1] }, { e: [0, 2] }].map((one) => ({ text: "", ...one })),
      [0],
    ],
    semantic: [
      { embedding: "e", clusters: 1 },
      [{ e: [0, 1] }, { e: [1, 0] }, { e: [0.1, 1] }].map((one) => ({ text: "", ...one })),
      [1, 2],
    ],
    tags: [
      { tags: "t", keep: 2 },
      [{ t: ["a"] }, { t: ["a", "b"] }, { t: ["c"] }].map((one) => ({ text: "", ...one })),
      [2, 3],
    ],
    best: [
      { prompt: "text", answer: "out", score: "s" },
      [
        { text: "p", out: "x", s: 1 },
        { text: "p", out: "y", s: 2 },
      ],
      [2],
    ],
  };

  it.each(Object.keys(steps).filter((name): name is StepName => name in cases))("filters by %s", (name) => {
    const [settings, values, expected] = cases[name];
    const files = {
      bench: rowsOf([{ question: `${words("q", 13)} end` }], -1),
      seeds: rowsOf([{ text: "Name five rivers of Europe" }], -1),
    };
    const selection = run({ steps: [settings === "" ? name : { [name]: settings }] }, rowsOf(values), files);
    if (name === "k_center") expect(kept(selection)).toHaveLength(1);
    else expect(kept(selection)).toEqual(expected);
    const [report] = selection.steps;
    expect(report.kept + selection.rejected.length).toBe(values.length);
    expect(Object.values(report.why).reduce((sum, count) => sum + count, 0)).toBe(selection.rejected.length);
  });

  it("tells what is lost by source, domain and language, with intervals, and draws a baseline of equal size", () => {
    const people = rowsOf(
      [
        { text: words("a", 30), language: "de" },
        { text: words("b", 30), language: "en" },
      ],
      1,
    );
    const model = rowsOf(
      [
        { text: `${words("a", 30)} c`, language: "de" },
        { text: "other words", language: "en" },
      ],
      0,
    );
    const sources = [
      { name: "model", file: "m.jsonl", priority: 2 },
      { name: "people", file: "p.jsonl" },
    ];
    const selection = run({ sources, steps: ["near"] }, [...model, ...people]);
    expect(selection.rejected.map(({ candidate, verdict }) => [candidate.place, verdict.of])).toEqual([
      ["rows-0.jsonl, row 1", "rows-1.jsonl, row 1"],
    ]);
    const [{ lost }] = selection.steps;
    expect(lost.source).toMatchObject({ model: { of: 2, lost: 1, share: 0.5 }, people: { of: 2, lost: 0 } });
    expect(lost.language.de).toMatchObject({ of: 2, lost: 1 });
    expect(lost.language.de.low).toBeGreaterThan(0);
    expect(lost.domain).toBeUndefined();
    expect(selection.baseline).toHaveLength(3);
  });

  it("finds what is in a file that it is held against, also where a step before changed its text", () => {
    const question = { text: `${words("q", 12)} ask ada@example.org` };
    for (const step of ["exact", "near", "benchmark"]) {
      const found = run({ steps: ["scrub", { [step]: { against: "held" } }] }, rowsOf([question]), {
        held: rowsOf([question], 1),
      });
      expect(found.rejected.map((one) => one.step)).toEqual([step]);
    }
  });

  it("pairs answers and mixes the pairs; whoever is scrubbed away is in no baseline", () => {
    const answers = rowsOf([
      { prompt: "p", text: "long and good", score: 2 },
      { prompt: "p", text: "bad", score: 1 },
      { prompt: "q", text: "only", score: 3 },
    ]);
    const pair = { by: "score", prompt: "prompt", answer: "text", score: "score" };
    const { selected, pairs, baseline } = run({ pair, mix: {} }, answers);
    expect(selected.map(({ value }) => value)).toEqual([
      { prompt: "p", chosen: "long and good", rejected: "bad", margin: 1, length_ratio: 13 / 3 },
    ]);
    expect(selected[0].from.map(({ row }) => row)).toEqual([1, 2]);
    expect([pairs, baseline]).toEqual([{ made: 1, longer: 1 }, null]);
    const { baseline: drawn } = run(
      { steps: ["scrub"] },
      rowsOf([{ text: "I am 12 years old" }, { text: "Call +49 30 12345678" }]),
    );
    expect(drawn?.map(({ value }) => value)).toEqual([{ text: "Call [PHONE_1]" }]);
  });

  it("writes mixtures without each source, and says from which n on a score misleads", () => {
    const sources = ["a", "b"].map((name) => ({ name, file: `${name}.jsonl` }));
    const rows = [0, 1].flatMap((source) =>
      rowsOf(
        Array.from({ length: 8 }, (_, i) => ({
          text: source ? "p" : "q",
          out: `${i}`,
          s: i,
          g: -Math.abs(i - 4),
        })),
        source,
      ),
    );
    const { ablation } = run({ sources, mix: { ablation: [1, 2, 3] } }, rows);
    expect(ablation.map(({ name }) => name).slice(0, 3)).toEqual([
      "all, seed 1",
      "without a, seed 1",
      "without b, seed 1",
    ]);
    expect(ablation.map(({ rows: own }) => own.length)).toEqual(Array(9).fill(8));
    expect(ablation[1].rows.every(({ from }) => from[0].source === 1)).toBe(true);
    const best = { prompt: "text", answer: "out", score: "s", gold: "g" };
    const [{ notes, kept: stay }] = run({ sources, steps: [{ best }] }, rows).steps;
    expect(stay).toBe(2);
    expect(notes.best_of_n).toMatchObject({
      points: [{ n: 1 }, { n: 2 }, { n: 4 }, { n: 8, proxy: 7, gold: -3 }],
      overOptimisedFrom: 2,
    });
  });

  it("names what is wrong with it, or with a row", () => {
    const wrong = (recipe: Record<string, unknown>, values: Record<string, unknown>[] = [{ text: "a" }]) => {
      try {
        run(recipe, rowsOf(values));
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
      return "";
    };
    expect(wrong({ steps: ["nearly"] })).toMatch(
      /^recipe.yaml: steps.0: nearly is no step; write one of scrub, exact/,
    );
    expect(wrong({ steps: [{ near: { treshold: 1 } }] })).toMatch(/^recipe.yaml: steps.0.near: .*treshold/);
    expect(wrong({ steps: [{ near: { threshold: 2 } }] })).toMatch(/^recipe.yaml: steps.0.near.threshold: /);
    expect(wrong({ steps: ["exact", "scrub"] })).toContain("scrub comes first");
    expect(wrong({ sources: [] })).toMatch(/^recipe.yaml: sources: /);
    expect(wrong({ steps: ["exact"] }, [{ text: 5 }])).toBe(
      "rows-0.jsonl, row 1: text is a number; a text or a list of messages is needed.",
    );
    expect(wrong({ steps: [{ score: { field: "s.a", at_least: 1 } }] }, [{ text: "a", s: { b: 1 } }])).toBe(
      "rows-0.jsonl, row 1: s.a is missing; a number is needed.",
    );
  });
});

describe("npm run select", () => {
  const folder = mkdtempSync(join(tmpdir(), "concord-select-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const command = ["--import", "tsx", "workers/construction/main.ts"];

  it("selects as a stranger would, twice the same, and traces every row to its line", () => {
    const raw = Array.from({ length: 40 }, (_, i) => ({
      messages: [
        { role: "user", content: `${words(`q${i % 30}x`, 12)}?` },
        { role: "assistant", content: `${words(`a${i % 30}x`, 25)}` },
      ],
      score: i % 4,
    }));
    file(
      "rows.jsonl",
      raw.map((row) => `${JSON.stringify(row).replace('"score":2', '"score":2.0')}\n`).join(""),
    );
    file("bench.jsonl", `${JSON.stringify({ question: words("q5x", 12) })}\n`);
    const recipe = file(
      "recipe.yaml",
      `sources:\n  - { name: logs, file: rows.jsonl }\ntext: messages\nsteps:\n  - scrub\n  - near: { threshold: 0.7 }\n  - benchmark: { against: bench.jsonl }\n  - score: { field: score, at_least: 1 }\nmix: { total: 10, order: ascending }\n`,
    );
    const out = join(folder, "out");
    const said = execFileSync("node", [...command, recipe, "--output", out], { encoding: "utf8" });
    expect(said).toContain("near: 30 of 40 stay\n  10 nearly the same");
    expect(said).toContain("benchmark: 29 of 30 stay");
    const lines = (name: string) => readFileSync(join(out, name), "utf8").trimEnd().split("\n");
    const selected = lines("selected.jsonl");
    const trace = z.object({
      from: z.array(z.object({ source: z.string(), row: z.number(), sha256: z.string() })),
    });
    const source = readFileSync(join(folder, "rows.jsonl"), "utf8").split("\n");
    expect(selected).toHaveLength(10);
    for (const [index, line] of lines("trace.jsonl").entries()) {
      const { from } = trace.parse(JSON.parse(line));
      expect(from).toHaveLength(1);
      // As it was written, 2.0 and all.
      expect(selected[index]).toBe(source[from[0].row - 1]);
      expect(from[0].sha256).toBe(createHash("sha256").update(selected[index]).digest("hex"));
    }
    // The recipe with its defaults, whole.
    const report = z.object({ recipe: z.record(z.string(), z.unknown()) });
    const kept = report.parse(JSON.parse(lines("report.json").join("\n")));
    expect(Object.keys(kept.recipe).sort()).toEqual([
      "by",
      "mix",
      "pair",
      "seed",
      "sources",
      "steps",
      "text",
    ]);
    expect(lines("baseline.jsonl")).toHaveLength(10);
    expect(lines("rejected.jsonl")).toHaveLength(40 - Number(/score: (\d+) of/.exec(said)?.[1]));

    execFileSync("node", [...command, recipe, "--output", `${out}-again`]);
    for (const name of ["selected.jsonl", "trace.jsonl", "rejected.jsonl", "baseline.jsonl", "report.json"])
      expect(readFileSync(join(`${out}-again`, name), "utf8")).toBe(readFileSync(join(out, name), "utf8"));
  });

  it("says in one sentence why it cannot, and writes nothing", () => {
    const recipe = file("wrong.yaml", "sources: [{ name: a, file: none.jsonl }]\ntext: text\n");
    const out = join(folder, "none");
    const { status, stderr } = spawnSync("node", [...command, recipe, "--output", out], { encoding: "utf8" });
    expect([status, stderr]).toEqual([1, `${join(folder, "none.jsonl")} does not exist.\n`]);
    expect(existsSync(out)).toBe(false);
  });
});
