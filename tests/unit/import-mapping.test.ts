import { describe, expect, it } from "vitest";
import { whenIn, writtenWhen } from "@/app/projects/[projectId]/import/when";
import { lookAt } from "@/server/import/preview/look";
import {
  type ColumnMappingInput,
  columnMappingSchema,
  filePreviewSchema,
  importOptionsSchema,
  importSpecSchema,
} from "@/server/import/schema";
import { fileInMemory } from "@/server/import/source/file";
import { counts, jsonl, readText } from "./import-helpers";

const read = (mapping: ColumnMappingInput, ...rows: unknown[]) =>
  readText("rows.jsonl", jsonl(...rows), { mapping });

/** A row of the kinds that people have: nested, with lists, and with JSON as text. */
const nested = {
  input: {
    messages: [
      { role: "user", content: "Name a river." },
      { role: "assistant", content: "The Nile." },
      { role: "user", content: "Another." },
    ],
    lang: "en",
  },
  outputs: [
    { text: "The Amazon.", model: "m-one", id: "o1" },
    { text: "The Rhine.", model: "m-two", id: "o2" },
  ],
  labels: '{"better": {"selection": "m-two", "note": "shorter"}, "seen": 3}',
  "annotator.id": "ann-7",
  left: "untouched",
};

describe("the mapping reaches", () => {
  it("nested fields, elements of lists, JSON in text, and names with dots", async () => {
    const { records, problems } = await read(
      {
        prompt: "{{input.messages}}",
        responses: [{ column: "outputs[*].text", sourceColumn: "outputs[*].model", id: "outputs[*].id" }],
        preference: {
          column: "labels.better.selection",
          first: "{{outputs[0].model}}",
          second: "{{outputs[-1].model}}",
        },
        rater: "annotator.id",
        language: "input.lang",
      },
      nested,
      { ...nested, input: { ...nested.input, messages: nested.input.messages.slice(0, 1) } },
    );
    expect(records).toHaveLength(2);
    expect(problems).toEqual([]);
    expect(records[0]).toMatchObject({
      prompt: {
        messages: nested.input.messages,
        language: "en",
        // What was not asked for is kept, and what was is not kept twice.
        metadata: { left: "untouched", labels: { better: { note: "shorter" }, seen: 3 } },
      },
      responses: [
        { content: "The Amazon.", source: "m-one", externalId: "o1" },
        { content: "The Rhine.", source: "m-two", externalId: "o2" },
      ],
      judgements: [
        { rater: { id: "ann-7", kind: "person" }, answers: { better: { outcome: "b", level: 1 } } },
      ],
    });
    expect(Object.keys(records[0].prompt.metadata).toSorted()).toEqual(["labels", "left"]);
  });

  it("the turns of two whole conversations", async () => {
    const turns = (reply: string) => [
      { role: "user", content: "Q" },
      { role: "assistant", content: reply },
    ];
    const { records } = await read(
      {
        prompt: "{{a[:-1]}}",
        responses: [{ column: "a[-1]" }, { column: "b[-1]" }],
      },
      { a: turns("x"), b: JSON.stringify(turns("y")) },
      { a: turns("v"), b: JSON.stringify(turns("w")) },
    );
    const prompt = { messages: [{ role: "user", content: "Q" }] };
    expect(records).toMatchObject([
      { prompt, responses: [{ content: "x" }, { content: "y" }] },
      { prompt, responses: [{ content: "v" }, { content: "w" }] },
    ]);
  });

  it("no text that is not JSON: the row is refused by its column", async () => {
    const { records, problems } = await read(
      { prompt: "{{p}}", language: "meta.lang" },
      { p: "Q", meta: "{broken" },
      { p: "R", meta: '{"lang": "de"}' },
    );
    expect(records).toMatchObject([{ prompt: { language: "de" } }]);
    expect(problems).toMatchObject([{ code: "wrong-type", row: 1, field: "meta.lang" }]);
  });
});

describe("judgements in a list", () => {
  const item = (q: string, annotations?: unknown) => ({ q, a: "x", b: "y", annotations });
  const annotations = [
    { by: "ann-1", winner: "a", why: "Shorter.", at: "2026-01-02", clear: 4 },
    { by: "ann-2", winner: "b", why: "", at: "2026-01-03", clear: 2 },
  ];
  const mapping: ColumnMappingInput = {
    prompt: "{{q}}",
    responses: [{ column: "a" }, { column: "b" }],
    preference: { column: "annotations[*].winner", first: "a", second: "b" },
    ratings: [
      {
        ...{ id: "quality", per: "task", min: 1, max: 5 },
        attributes: [{ id: "clarity", columns: ["annotations[*].clear"] }],
      },
    ],
    rationale: "annotations[*].why",
    rater: "annotations[*].by",
    time: "annotations[*].at",
  };

  it("are each its own rater's, with all that the element says", async () => {
    const { records, problems } = await read(
      mapping,
      item("Q", annotations),
      item("R", []),
      item("S", JSON.stringify(annotations.slice(1))),
    );
    expect(problems).toEqual([]);
    const second = {
      rater: { id: "ann-2", kind: "person" },
      at: new Date("2026-01-03"),
      answers: { better: { outcome: "b" }, quality: { values: { clarity: [2] } } },
    };
    expect(records.map(({ judgements }) => judgements)).toMatchObject([
      [
        {
          rater: { id: "ann-1" },
          at: new Date("2026-01-02"),
          answers: {
            better: { outcome: "a" },
            quality: { values: { clarity: [4] } },
            rationale: { text: "Shorter." },
          },
        },
        second,
      ],
      [],
      [second],
    ]);
    expect(records[0].prompt.metadata).toEqual({});
  });

  it("are offered whole, by whoever gave them", async () => {
    const judged = ["a", "b"].map((winner) => ({ annotator: `by ${winner}`, winner, comment: "So." }));
    const row = { prompt: "Q", response_a: "x", response_b: "y", annotations: judged };
    const file = fileInMemory("odd.jsonl", jsonl(row, { ...row, prompt: "R" }));
    const [{ guess }] = await lookAt([file], importOptionsSchema.parse({}));
    expect(guess).toMatchObject({
      preference: { column: "annotations[*].winner", first: "a", second: "b" },
      rater: "annotations[*].annotator",
      rationale: "annotations[*].comment",
    });
  });
});

it("values that hold a | are written and read as they are", () => {
  const values = ["a|b", "> 3", "{{model_a}}", "|"];
  expect(whenIn(writtenWhen(values))).toEqual(values);
  expect(whenIn(writtenWhen("a|b"))).toBe("a|b");
  expect(whenIn("a|b | c")).toEqual(["a", "b", "c"]);
});

const pair = (more: object) => ({ q: "Q", a: "x", b: "y", ...more });
const sides = { prompt: "{{q}}", responses: [{ column: "a" }, { column: "b" }] };
const answersOf = async (mapping: Partial<ColumnMappingInput>, ...rows: object[]) => {
  // Each row asks something else, so that none is a duplicate of another.
  const asked = rows.map((row, index) => pair({ ...row, q: `Q${index}` }));
  const { records, problems } = await read({ ...sides, ...mapping }, ...asked);
  return { answers: records.map(({ judgements }) => judgements[0]?.answers), problems };
};

describe("a verdict", () => {
  it("is several values for one outcome, a tie, both bad, or none", async () => {
    const { answers, problems } = await answersOf(
      {
        preference: {
          column: "w",
          first: ["A", "model_a"],
          second: "B",
          tie: "tie",
          bothBad: "tie (bothbad)",
          none: "?",
        },
      },
      { w: "A" },
      { w: "model_a" },
      { w: "B" },
      { w: "tie" },
      { w: "tie (bothbad)" },
      { w: "?" },
      { w: null },
      { w: "C" },
    );
    const outcomes = answers.map((answer) =>
      answer?.better?.type === "preference" ? answer.better.outcome : null,
    );
    expect(outcomes).toEqual(["a", "a", "b", "tie", "both_bad", null, null]);
    expect(counts(problems)).toEqual({ "no-verdict": 2, "bad-answer": 1 });
    expect(problems.find(({ code }) => code === "bad-answer")?.message).toBe(
      'w is "C", not one of "A", "model_a", "B", "tie", "tie (bothbad)", "?".',
    );
  });

  it("is none where its cell is empty, also beside a column that is empty, too", async () => {
    const { answers, problems } = await answersOf(
      { preference: { column: "w", first: "{{m1}}", second: "{{m2}}", tie: "" } },
      { w: "", m1: "", m2: "x" },
      { w: "x", m1: "", m2: "x" },
    );
    expect(answers.map((answer) => answer?.better)).toMatchObject([undefined, { outcome: "b" }]);
    expect(counts(problems)).toEqual({ "no-verdict": 1 });
  });

  it("is a number against thresholds, whose size is the strength", async () => {
    const { answers, problems } = await answersOf(
      {
        preference: {
          column: "margin",
          first: "< 0",
          second: "> 0",
          tie: 0,
          strength: {
            column: "margin",
            slightly: ["> 0", "< 0"],
            clearly: [">= 2", "<= -2"],
            much: [">= 3", "<= -3"],
          },
        },
      },
      { margin: -3 },
      { margin: "-0.5" },
      { margin: 2.0 },
      { margin: "0.0" },
    );
    expect(problems).toEqual([]);
    expect(answers.map((answer) => answer?.better_by)).toEqual([
      { type: "preference", outcome: "a", level: 3 },
      { type: "preference", outcome: "a", level: 1 },
      { type: "preference", outcome: "b", level: 2 },
      { type: "preference", outcome: "tie" },
    ]);
  });

  it("without a strength is one all the same", async () => {
    const preference = {
      column: "w",
      first: "a",
      second: "b",
      strength: { column: "s", slightly: "1", much: "2" },
    };
    const { answers, problems } = await answersOf(
      { preference },
      { w: "a", s: "2" },
      { w: "b" },
      { w: "a", s: "9" },
    );
    expect(answers).toEqual([
      { better_by: { type: "preference", outcome: "a", level: 3 } },
      { better: { type: "preference", outcome: "b", level: 1 } },
    ]);
    expect(problems).toMatchObject([{ code: "bad-answer", row: 3, field: "s" }]);
  });
});

describe("the mapping takes over", () => {
  const three = {
    prompt: "{{q}}",
    responses: [
      { column: "r1", source: "one" },
      { column: "r2", source: "two" },
      { column: "r3", source: "three" },
    ],
  };
  const replies = { q: "Q", r1: "x", r2: "y", r3: "z" };

  it.each([
    [
      "ranks in columns",
      { columns: ["k1", "k2", "k3"], as: "ranks" },
      { k1: "2", k2: "1", k3: "3" },
      [2, 1, 3],
    ],
    ["ranks in a list from 0", { columns: ["k"], as: "ranks" }, { k: [1, 0, 1] }, [2, 1, 2]],
    ["scores as JSON text", { columns: ["k"], as: "scores" }, { k: "[0.1, 7, 0.1]" }, [2, 1, 2]],
    ["an order of letters", { columns: ["k"], as: "order" }, { k: "B > C = A" }, [2, 1, 2]],
    ["an order of sources", { columns: ["k"], as: "order" }, { k: ["three", "one", "two"] }, [2, 3, 1]],
    ["a winner", { columns: ["k"], as: "order" }, { k: "two" }, [2, 1, 2]],
    ["an order of numbers", { columns: ["k"], as: "order" }, { k: "3,1,2" }, [2, 3, 1]],
  ] as const)("%s", async (_, ranking, row, ranks) => {
    const { records, problems } = await read(
      { ...three, ranking: { ...ranking, columns: [...ranking.columns] } },
      { ...replies, ...row },
    );
    expect(problems).toEqual([]);
    expect(records[0].judgements[0].answers).toEqual({ ranking: { type: "ranking", ranks } });
  });

  it("no winner by a number from 0, which other rows would read as the one before", async () => {
    const mapping = { ...three, ranking: { columns: ["k"], as: "order" as const } };
    const { records, problems } = await read(
      mapping,
      { ...replies, k: "0" },
      { ...replies, q: "R", k: "2,0,1" },
    );
    expect(problems).toMatchObject([{ code: "bad-answer", row: 1, field: "k" }]);
    expect(problems[0].message).toContain("a number from 1, a letter or a source");
    expect(records.map(({ judgements }) => judgements[0].answers.ranking)).toMatchObject([
      { ranks: [2, 3, 1] },
    ]);
  });

  it("what is asked of replies that a row has, where it lacks others", async () => {
    const { records, problems } = await read(
      { ...three, ranking: { columns: ["k1", "k2", "k3"], as: "ranks" } },
      { ...replies, r2: "", k1: 2, k2: null, k3: 1 },
    );
    expect(problems).toEqual([]);
    expect(records[0].responses.map(({ source }) => source)).toEqual(["one", "three"]);
    expect(records[0].judgements[0].answers).toMatchObject({ better: { outcome: "b" } });
  });

  it("ratings by attribute, choices, reasons, corrections, who, when and in which language", async () => {
    const { records, problems } = await read(
      {
        ...sides,
        ratings: [
          {
            id: "quality",
            min: 1,
            max: 5,
            attributes: [
              { id: "help", label: "Helpfulness", columns: ["help_a", "help_b"] },
              { id: "safe", columns: ["safety"], values: { Good: 5, Poor: 1 } },
            ],
          },
        ],
        choices: [
          {
            id: "label",
            per: "response",
            columns: ["ok"],
            options: [
              { value: "good", when: ["> 0"] },
              { value: "bad", when: ["<= 0"] },
            ],
          },
          {
            id: "topics",
            multiple: true,
            columns: ["topics"],
            options: [{ value: "maths" }, { value: "law" }],
          },
        ],
        demonstration: "best",
        rationale: "why",
        rater: "who",
        raterKind: "model",
        time: "when",
        language: "lang",
        domain: "field",
        source: "from",
        externalId: "id",
      },
      {
        ...pair({ help_a: "4", help_b: 2, safety: ["Good", null], ok: [1, -1], topics: '["law"]' }),
        ...{ best: "z", why: "Clear.", who: "judge-1", when: "2024-05-01 10:00:00", lang: "de" },
        ...{ field: "law", from: "exam", id: 17 },
      },
    );
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      {
        prompt: { language: "de", domain: "law", source: "exam", externalId: "17", metadata: {} },
        judgements: [
          {
            rater: { id: "judge-1", kind: "model" },
            at: new Date("2024-05-01T10:00:00Z"),
            answers: {
              quality: { type: "rating", values: { help: [4, 2], safe: [5, null] } },
              label: { type: "choice", values: [["good"], ["bad"]] },
              topics: { type: "choice", values: [["law"]] },
              demonstration: { type: "text", text: "z" },
              rationale: { type: "text", text: "Clear." },
            },
          },
        ],
      },
    ]);
  });

  it.each([
    ["1714557600", "2024-05-01T10:00:00.000Z"],
    [1714557600000, "2024-05-01T10:00:00.000Z"],
    ["2024-05-01T12:00:00+0200", "2024-05-01T10:00:00.000Z"],
    ["2024-05-01", "2024-05-01T00:00:00.000Z"],
  ])("the time %s", async (when, at) => {
    const { records } = await read(
      { ...sides, time: "t", preference: { column: "w", first: "a", second: "b" } },
      {
        ...pair({ w: "a" }),
        t: when,
      },
    );
    expect(records[0].judgements[0].at?.toISOString()).toBe(at);
  });

  it("no time that reads in two ways, and no rating outside its scale", async () => {
    const { records, problems } = await read(
      {
        ...sides,
        time: "t",
        ratings: [{ id: "r", min: 1, max: 5, attributes: [{ id: "x", columns: ["k"] }] }],
      },
      pair({ t: "03/04/2024", k: [1, 2] }),
      pair({ q: "R", k: [1, 6] }),
      pair({ q: "S", k: [1] }),
    );
    expect(records).toEqual([]);
    expect(problems).toMatchObject([
      { code: "wrong-type", row: 1, field: "t" },
      { code: "bad-answer", row: 2 },
      { code: "wrong-type", row: 3, field: "k", message: "k: 1 values for 2 responses." },
    ]);
  });
});

describe("an option that nobody knows is an error", () => {
  it.each([
    ["in the mapping", () => columnMappingSchema.parse({ prompt: "{{q}}", strength: "s" })],
    [
      "in a verdict",
      () =>
        columnMappingSchema.parse({
          prompt: "{{q}}",
          preference: { column: "w", first: "a", second: "b", draw: "c" },
        }),
    ],
    ["in the options", () => importSpecSchema.shape.options.parse({ mappings: {} })],
    [
      "beside them",
      () => importSpecSchema.parse({ files: [{ name: "a", sha256: "0".repeat(64) }], dryrun: true }),
    ],
  ])("%s", (_, parse) => {
    expect(parse).toThrow(/Unrecognized key/);
  });
});

describe("the preview", () => {
  const look = async (options: object, ...rows: unknown[]) => {
    const [seen] = await lookAt(
      [fileInMemory("odd.jsonl", jsonl(...rows))],
      importOptionsSchema.parse(options),
    );
    return seen;
  };
  const pairs = ["p", "q"].map((ask) => ({
    ask: { question: ask },
    cands: [
      { text: `${ask} one`, model: "m1" },
      { text: `${ask} two`, model: "m2" },
    ],
    rank: { first: ask },
  }));

  it("guesses a mapping that imports the file, from names and values", async () => {
    const rows = ["p", "q"].map((ask, index) => ({
      prompt_text: ask,
      answer_a: `${ask} one`,
      model_a: "m1",
      answer_b: `${ask} two`,
      model_b: "m2",
      winner: ["model_a", "tie (bothbad)"][index],
      help_score_a: 3,
      help_score_b: 5,
      annotator: "w1",
      lang: "de",
    }));
    const { guess } = await look({}, ...rows);
    expect(guess).toMatchObject({
      prompt: "{{prompt_text}}",
      responses: [
        { column: "answer_a", sourceColumn: "model_a" },
        { column: "answer_b", sourceColumn: "model_b" },
      ],
      preference: { column: "winner", first: "model_a", second: "model_b", bothBad: "tie (bothbad)" },
      ratings: [
        { min: 1, max: 5, attributes: [{ id: "help_score", columns: ["help_score_a", "help_score_b"] }] },
      ],
      rater: "annotator",
      language: "lang",
    });
    const { shown, problems } = await look({ mapping: guess }, ...rows);
    expect(problems).toEqual([]);
    expect(shown.map(({ row, records }) => [row, records.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it("guesses what a mapping can say, whatever the columns are called and however many there are", async () => {
    const scores = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`score_${i + 1}`, i % 5]));
    const odd = {
      "{}": "An odd name.",
      [`${"x".repeat(600)}_response`]: "A long one.",
      body: "A text.",
      ...scores,
    };
    const seen = await look({}, odd, { ...odd, "{}": "Another." });
    expect(filePreviewSchema.parse(seen).guess).toMatchObject({ prompt: "{{body}}", responses: [] });
  });

  it("shows a row that is nested too deep, and what keeps it out", async () => {
    const extra = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const text = `{"prompt":"a","chosen":"b","rejected":"c","extra":${extra}}\n`;
    const [seen] = await lookAt([fileInMemory("deep.jsonl", text)], importOptionsSchema.parse({}));
    // How much of it can be written is the stack's to say, and Node 26 writes all of it.
    expect(seen.rows).toMatchObject([{ extra: expect.stringMatching(/^\[*…$/) }]);
    expect(seen.shown).toMatchObject([{ records: [], problems: [{ code: "nested-too-deep" }] }]);
  });

  it("shows what each row becomes, and why one becomes nothing", async () => {
    const mapping = {
      prompt: "{{ask.question}}",
      responses: [{ column: "cands[*].text", sourceColumn: "cands[*].model" }],
    };
    const { shown, places } = await look({ mapping }, ...pairs, { ask: { question: "r" }, cands: "none" });
    expect(shown).toMatchObject([
      {
        row: 1,
        records: [
          {
            prompt: { messages: [{ role: "user", content: "p" }] },
            responses: [
              { content: "p one", source: "m1" },
              { content: "p two", source: "m2" },
            ],
          },
        ],
        problems: [],
      },
      { row: 2, records: [{}] },
      { row: 3, records: [], problems: [{ code: "wrong-type", field: "cands[*].text" }] },
    ]);
    expect(places).toContainEqual({ path: "cands[*].model", kind: "text", values: ["m1", "m2"] });
  });

  it("names the columns that look as if they mattered, each with the mapping that uses it", async () => {
    const rows = ["p", "q"].map((prompt) => ({ prompt, chosen: "good", rejected: "bad", rating: 4 }));
    const plain = await look({}, ...rows);
    expect(plain.shape?.id).toBe("preference");
    expect(plain.unused.map(({ name, rows: count, looksLike }) => [name, count, looksLike])).toEqual([
      ["rating", 2, "score"],
    ]);
    const one = { prompt: "{{prompt}}", responses: [{ column: "chosen" }] };
    const { unused } = await look({ mapping: one }, ...rows);
    const used = unused.find(({ name }) => name === "rating");
    expect(used?.mapping?.ratings).toMatchObject([{ attributes: [{ id: "rating", columns: ["rating"] }] }]);
  });
});
