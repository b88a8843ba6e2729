import { describe, expect, it } from "vitest";
import { lookOf } from "@/server/import/columns";
import { shapes } from "@/server/import/shapes/registry";
import { fileInMemory } from "@/server/import/source/file";
import { isRecord, type RowValue } from "@/server/import/source/row";
import { randomOf } from "@/server/statistics/math/random";
import { jsonl, readAll, readText } from "./import-helpers";

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

  it("is a judgement where a rater says why, and a response where one writes the reply", async () => {
    const mapping = {
      prompt: "{{q}}",
      responses: [{ column: "one" }, { column: "two" }],
      preference: { column: "which", first: "left", second: "right" },
      rationale: "why",
      rater: "who",
      demonstration: "own",
    };
    const row = {
      q: "Why?",
      one: "So.",
      two: "Thus.",
      which: "left",
      why: "It is shorter.",
      who: "ann",
      own: "Because.",
    };
    const { columns } = await readText("a.jsonl", jsonl(row), { mapping });
    expect(columns.map(({ name, goesTo }) => [name, ...goesTo])).toEqual([
      ["q", "prompt"],
      ["one", "response"],
      ["two", "response"],
      ["which", "judgement"],
      ["why", "judgement"],
      ["who", "rater"],
      ["own", "response"],
    ]);
    const { problems } = await readText("a.jsonl", jsonl({ question: row.q, answer: row.two, ...row }));
    expect(problems.map(({ field }) => field)).toEqual(expect.arrayContaining(["which", "who"]));
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

describe("every shape", () => {
  const examples = new Map(shapes.map(({ id, example }) => [id, example]));
  const example = (id: string): RowValue => examples.get(id) ?? {};
  const pairs = jsonl(example("ukpconvarg_pairs"));
  const far = { ...example("ukpconvarg_arguments"), arg_id: "a2", text: "Far." };
  const theses = jsonl(example("ukpconvarg_arguments"), far);
  const questions = jsonl(example("mt_bench_questions"));
  const other = { ...example("mt_bench_answers"), model_id: "model-b", choices: [{ turns: ["One."] }] };
  const answers = jsonl(example("mt_bench_answers"), other);
  const study = jsonl({ id: "p1", prompt: "How many moons?", chosen: "Two", rejected: "One" });
  const pandalm = { "testset.jsonl": jsonl(example("pandalm")) };
  /** Files that some shapes' rows need beside them. */
  const beside: Record<string, Record<string, string>> = {
    ukpconvarg_arguments: { "far.jsonl": jsonl(far), "pairs.jsonl": pairs },
    ukpconvarg_pairs: { "arguments.jsonl": theses },
    ukpconvarg_annotations: { "arguments.jsonl": theses, "pairs.jsonl": pairs },
    mt_bench_answers: { "question.jsonl": questions },
    mt_bench_votes: { "question.jsonl": questions, "answers.jsonl": answers },
    potato: { "study.jsonl": study },
    potato_table: { "study.jsonl": study },
    pandalm_gpt_verdicts: pandalm,
    pandalm_pandalm_verdicts: pandalm,
    squality_questions: { "reviews.jsonl": jsonl(example("squality_reviews")) },
    squality_reviews: { "questions.jsonl": jsonl(example("squality_questions")) },
    templated_table: { "rows.base_prompt.txt": "How many moons has {{planet}}?" },
  };

  /** What a row becomes, with the files it needs. */
  async function recordsOf(id: string, row: RowValue) {
    const others = Object.entries(beside[id] ?? {}).map(([name, text]) => fileInMemory(name, text));
    const { records, problems } = await readAll([fileInMemory("rows.jsonl", jsonl(row)), ...others]);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    return records.map(({ prompt, responses, judgements }) => ({ prompt, responses, judgements }));
  }

  // A template is a whole file of text: it has no columns.
  const tabular = shapes
    .filter(({ id }) => id !== "prompt_template")
    .map(({ id, example }) => ({ id, example }));

  it.each(tabular)("$id: a column that it does not know is kept", async ({ id, example }) => {
    const row = { ...example, zz_note: "kept", zz_number: 1.5e-7, zz_list: [{ part: "also kept" }] };
    const records = JSON.stringify(await recordsOf(id, row));
    for (const value of ['"kept"', "1.5e-7", '[{"part":"also kept"}]']) expect(records).toContain(value);
  });

  /**
   * An import does not look into texts, nor at who judged: a row with other texts and names becomes the same records
   * with these texts and names. So no text, verdict or name gets lost, or to another place, by what a text holds.
   */
  it.each(tabular)("$id: other texts and raters give the same records", async ({ id, example }) => {
    const before = { ...example, zz_note: "Kept." };
    const expected = await recordsOf(id, before);
    const raters = expected.flatMap(({ judgements }) => judgements.map(({ rater }) => rater));
    const names = new Set(raters.flatMap(({ id, kind }) => (kind === "person" ? [id] : [])));
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { row, marks } = marked(before, names, randomOf(seed));
      expect(marks.size).toBeGreaterThan(0);
      const records = await recordsOf(id, row);
      const found = new Set<string>();
      const restored = mapTexts(records, (text) => {
        let plain = text;
        for (const [original, mark] of marks)
          if (plain.includes(mark)) {
            found.add(original);
            plain = plain.replaceAll(mark, original);
          }
        return plain;
      });
      expect(restored).toEqual(mapTexts(expected, (text) => text));
      expect([...found].toSorted()).toEqual([...marks.keys()].toSorted());
    }
  });
});

const SEEDS = 4;
/** What examples say: a sentence that ends its line, or its text in a list written as JSON. */
const sentence = /[A-Z][A-Za-z ,]*[.?](?=["\n]|$)/g;
/** Anything but the ";" that divides TruthfulQA's lists. */
const pieces = [
  ..."aZ9 .,:!?'\"\\/<>{}[]()|#*_~`$%&=+-",
  ..."äßñ€—“”…",
  ...[
    "שלום",
    "مرحبا",
    "日本語",
    "한국어",
    "नमस्ते",
    "🌍",
    "👩‍👩‍👧",
    "e\u0301",
    "\u00a0",
    "\u200b",
    "\t",
    "\n",
    "\n\n",
  ],
  ...["\n\nNote: ", "- item\n", "```js\n1\n```", "null", "true", "1e400", "A", "tie", "https://a.b/?c=d"],
];

/** The row with each of its sentences and raters put into other words, the same wherever it says the same. */
function marked(row: RowValue, raters: ReadonlySet<string>, random: () => number) {
  const marks = new Map<string, string>();
  const noise = (most: number) =>
    Array.from(
      { length: Math.ceil(random() * most) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join("");
  // Unlike from their first letter on, for replies that begin alike share a prompt.
  const markOf = (original: string, between: string) => {
    const number = marks.size;
    const mark = marks.get(original) ?? `${String.fromCharCode(65 + number)}⟦${between}${number}⟧.`;
    marks.set(original, mark);
    return mark;
  };
  const value = mapTexts(row, (text) => {
    if (raters.has(text)) return markOf(text, "é ");
    const isJson = /^\s*\[/.test(text);
    return text.replace(sentence, (original) => {
      const mark = markOf(original, noise(random() < 0.2 ? 3000 : 30));
      return isJson ? JSON.stringify(mark).slice(1, -1) : mark;
    });
  });
  return { row: isRecord(value) ? value : {}, marks };
}

/** The same document with other texts. What is undefined is not said. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((part) => mapTexts(part, change));
  if (!isRecord(value) || value instanceof Date) return value;
  const said = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(said.map(([name, part]) => [name, mapTexts(part, change)]));
}
