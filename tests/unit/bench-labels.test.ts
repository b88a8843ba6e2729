import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { judgesOf, knownOf } from "../bench/labels/known";
import { readSet } from "../bench/labels/set";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concord-set-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

it("reads comparisons named by prompt and models, sides in either order, and a judge's table", () => {
  const votes = range(60).flatMap((q) =>
    range(4).map((r) => {
      const turned = r % 2 === 1;
      const [model_a, model_b] = turned ? ["zeta", "alpha"] : ["alpha", "zeta"];
      // All say that alpha wins, whichever side it stands on, but the fourth, who calls it a tie.
      const winner = r === 3 ? "tie" : turned ? "model_b" : "model_a";
      return { question_id: q, model_a, model_b, judge: `expert_${r}`, winner, turn: 1 };
    }),
  );
  write("human.jsonl", lines(votes));
  write(
    "judge.jsonl",
    lines(
      range(59).map((q) => ({
        question_id: q,
        model_a: "zeta",
        model_b: "alpha",
        turn: 1,
        judge: "m",
        winner: "model_a",
      })),
    ),
  );
  const set = readSet(folder);
  expect(set.items).toHaveLength(60);
  expect(set.items[0]).toMatchObject({
    prompt: "0",
    sides: ["alpha", "zeta"],
    votes: [1, 1, 1, 0.5],
    judges: [0],
  });
  // The judge left one out: known by a column of its own.
  expect(set.items[59].judges).toEqual([null]);
  expect(knownOf(set.items, judgesOf(set)).rows[59].slice(0, 2)).toEqual([0, 1]);
});

it("reads a row a comparison with numbered annotators, and judges' columns in other files", () => {
  write(
    "set.json",
    JSON.stringify(
      range(80).map((idx) => ({
        idx,
        instruction: `i${idx}`,
        response1: "long text",
        response2: "x",
        annotator1: 1,
        annotator2: 2,
        annotator3: 0,
      })),
    ),
  );
  write(
    "one.json",
    JSON.stringify(range(80).map((idx) => ({ idx, one_result: idx === 3 ? "garbage" : "2" }))),
  );
  write(
    "two.csv",
    `idx,judge_probability\r\n${range(80)
      .map((idx) => `${idx},0.7`)
      .join("\r\n")}\r\n`,
  );
  const set = readSet(folder);
  expect(set.items[5]).toMatchObject({ votes: [1, 0, 0.5], texts: ["long text", "x"], judges: [0, 0.7] });
  expect(set.items[3].judges).toEqual([null, 0.7]);
});

it("trains a judge on the other topics where the set has none", () => {
  const id = (i: number) => `t${i % 4}_${i}`;
  write(
    "pairs.jsonl",
    lines(range(200).map((i) => ({ pair_id: i, topic: `t${i % 4}`, a1: id(i), a2: id(i + 4) }))),
  );
  write(
    "texts.jsonl",
    lines(
      range(204).map((i) => ({
        arg_id: id(i),
        text: i % 8 < 4 ? "A long and careful argument, with reasons." : "no",
      })),
    ),
  );
  write(
    "votes.csv",
    `pair_id,worker,value\n${range(200)
      .flatMap((i) => [0, 1].map((w) => `${i},w${w},${i % 8 < 4 ? "a1" : "a2"}`))
      .join("\n")}\n`,
  );
  const set = readSet(folder);
  const judged = judgesOf(set);
  expect(judged.every(([p], i) => p !== null && p > 0.5 === i % 8 < 4)).toBe(true);
  expect(set.read.at(-1)).toMatch(/4 kinds of prompts/);
});

it("refuses a verdict that is none with file, row and column, and a folder without people", () => {
  const rows = range(120).flatMap((i) =>
    [0, 1].map((w) => ({ item_id: i, rater: w, verdict: i === 70 && w === 1 ? "perhaps" : "a" })),
  );
  write("votes.jsonl", lines(rows));
  expect(() => readSet(folder)).toThrow("votes.jsonl, row 142, verdict: “perhaps” is no verdict");
  write("votes.jsonl", lines(rows.map(({ rater: _, ...row }) => row)));
  expect(() => readSet(folder)).toThrow("no table of people's judgements");
  write("votes.jsonl", `{"a": 1}\n{"b"`);
  expect(() => readSet(folder)).toThrow("votes.jsonl, line 2: not valid JSON");
});
