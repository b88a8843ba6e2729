import { describe, expect, it } from "vitest";
import { lookOf } from "@/server/import/columns";
import { jsonl, readText } from "./import-helpers";

describe("what becomes of every column", () => {
  it("is told with its rows, and what looks like more than a description is named", async () => {
    const pair = (n: number) => ({
      id: n,
      prompt: `Question ${n}?`,
      chosen: `Yes ${n}`,
      rejected: `No ${n}`,
    });
    const { columns, problems } = await readText(
      "a.jsonl",
      jsonl(
        { ...pair(1), language: "de", annotator: "ann", batch: 4, margin: 0.5 },
        { ...pair(2), helpfulness: 3, batch: 4 },
        { ...pair(3), helpfulness: 4 },
      ),
    );
    expect(columns).toEqual([
      { file: "a.jsonl", name: "id", rows: 3, goesTo: ["provenance"] },
      { file: "a.jsonl", name: "prompt", rows: 3, goesTo: ["prompt"] },
      { file: "a.jsonl", name: "chosen", rows: 3, goesTo: ["response"] },
      { file: "a.jsonl", name: "rejected", rows: 3, goesTo: ["response"] },
      { file: "a.jsonl", name: "language", rows: 1, goesTo: ["provenance"] },
      { file: "a.jsonl", name: "annotator", rows: 1, goesTo: ["metadata"], looksLike: "rater" },
      { file: "a.jsonl", name: "batch", rows: 2, goesTo: ["metadata"] },
      { file: "a.jsonl", name: "margin", rows: 1, goesTo: ["judgement"] },
      { file: "a.jsonl", name: "helpfulness", rows: 2, goesTo: ["metadata"], looksLike: "score" },
    ]);
    expect(problems.map(({ code, field, message }) => [code, field, message])).toEqual([
      [
        "unused-column",
        "annotator",
        '"annotator" looks like a rater and is not used: its 1 value is kept as metadata.',
      ],
      [
        "unused-column",
        "helpfulness",
        '"helpfulness" looks like a score and is not used: its 2 values are kept as metadata.',
      ],
    ]);
  });

  it("prompts with replies or verdicts beside them are not taken for prompts alone", async () => {
    const { records, problems } = await readText(
      "a.jsonl",
      jsonl({ prompt: "Q", draft_reply: "x", second_draft: "y", house_verdict: "a", rater: "r1" }),
    );
    expect(records).toEqual([]);
    expect(problems).toMatchObject([
      {
        code: "unrecognised-shape",
        message: expect.stringContaining('"house_verdict" looks like a verdict'),
      },
    ]);
  });

  it.each([
    ["response_b", "text", "reply"],
    ["modelAnswer", "text", "reply"],
    ["model_a", "gpt-4", null],
    ["winner_model_a", 1, "verdict"],
    ["annotator_id", 3, "rater"],
    ["answer_id", "17", null],
    ["preference_strength", 2, "verdict"],
    ["rating", "4.5", "score"],
    ["rating", "see below", null],
    ["prompt", 12, null],
    ["category", "math", null],
    ["winner", null, null],
  ])("%s holding %j looks like %s", (name, value, look) => {
    expect(lookOf(name, value)).toBe(look);
  });
});
