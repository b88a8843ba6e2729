import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checkRecord } from "@/server/import/check";
import { type ProblemCode, problemCatalogue } from "@/server/import/schema";
import { fileInMemory, type SourceFile } from "@/server/import/source/file";
import { maxRowBytes } from "@/server/import/source/json";
import { jsonl, readAll, readText } from "./import-helpers";

const pair = (prompt: string, more: object = {}) => ({
  prompt,
  chosen: `Yes: ${prompt}`,
  rejected: `No: ${prompt}`,
  ...more,
});
const good = jsonl(pair("a"), pair("b"));
const megabytes = (count: number) => "x".repeat(count * 1024 * 1024);

interface Case {
  code: ProblemCode;
  name: string;
  content: string | Uint8Array;
  line?: number;
  row?: number;
  field?: string;
  /** Records that are imported all the same; "some" when that depends on how the bytes are compressed. */
  records: number | "some";
  says: RegExp;
}

const latin1 = (text: string) => Buffer.from(text, "latin1");
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
const gzipped = gzipSync(jsonl(...Array.from({ length: 5000 }, (_, i) => pair(`p${i} ${Math.sin(i)}`))));
const damaged = Buffer.from(gzipped);
damaged.fill(0x55, 40_000, 40_050);

const cases: Case[] = [
  {
    code: "git-lfs-pointer",
    name: "a.jsonl",
    content: `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`,
    line: 1,
    records: 0,
    says: /12,345 bytes/,
  },
  {
    code: "web-page",
    name: "a.jsonl",
    content: "<!DOCTYPE html><html><body>Sign in</body></html>",
    line: 1,
    records: 0,
    says: /HTML/,
  },
  { code: "empty-file", name: "a.jsonl", content: "", records: 0, says: /empty/ },
  { code: "empty-file", name: "a.jsonl", content: " \n\n", records: 0, says: /blank/ },
  { code: "no-rows", name: "a.json", content: "[]", records: 0, says: /no rows/ },
  {
    code: "unsupported-format",
    name: "notes.txt",
    content: "Dear all,\nnothing here.\n",
    records: 0,
    says: /plain text/,
  },
  {
    code: "unsupported-format",
    name: "a.zip",
    content: "PK\u0003\u0004rest",
    records: 0,
    says: /zip archive/,
  },
  {
    code: "unrecognised-shape",
    name: "a.csv",
    content: "colour,size\nred,1\nblue,2\n",
    records: 0,
    says: /colour, size/,
  },
  {
    code: "truncated-gzip",
    name: "a.jsonl.gz",
    content: gzipped.subarray(0, gzipped.length - 40),
    records: "some",
    says: /breaks off/,
  },
  { code: "corrupt-gzip", name: "a.jsonl", content: damaged, records: "some", says: /damaged/ },
  {
    code: "truncated-json",
    name: "a.jsonl",
    content: good.slice(0, -20),
    line: 2,
    row: 2,
    records: 1,
    says: /last line/,
  },
  {
    code: "truncated-json",
    name: "a.json",
    content: `[${JSON.stringify(pair("a"))},\n{"prompt": "b", "cho`,
    line: 2,
    row: 2,
    records: 1,
    says: /ends inside row 2/,
  },
  {
    code: "bad-json",
    name: "a.jsonl",
    content: `${jsonl(pair("a"))}{"prompt": NaN}\n${jsonl(pair("b"))}`,
    line: 2,
    row: 2,
    records: 2,
    says: /NaN/,
  },
  {
    code: "bad-json",
    name: "a.json",
    content: `[${JSON.stringify(pair("a"))}}]`,
    line: 1,
    row: 2,
    records: 1,
    says: /closes nothing/,
  },
  {
    code: "not-an-object",
    name: "a.jsonl",
    content: `${good}["a"]\n`,
    line: 3,
    row: 3,
    records: 2,
    says: /a list/,
  },
  {
    code: "row-too-long",
    name: "a.jsonl",
    content: `${good}${jsonl(pair(megabytes(50)))}${jsonl(pair("c"))}`,
    line: 3,
    row: 3,
    records: 3,
    says: /157,\d+,\d+ bytes/,
  },
  {
    code: "row-too-long",
    name: "a.json",
    content: `[${JSON.stringify(pair("a"))},${JSON.stringify(pair(megabytes(17)))},${JSON.stringify(pair("b"))}]`,
    line: 1,
    row: 2,
    records: 2,
    says: /limit is 16,777,216/,
  },
  {
    code: "wrong-encoding",
    name: "a.jsonl",
    content: latin1(`${good}${jsonl(pair("Café crème"))}`),
    line: 3,
    row: 3,
    records: 2,
    says: /0xE9.*Café/,
  },
  {
    code: "wrong-encoding",
    name: "a.csv",
    content: latin1("prompt,chosen,rejected\na,b,c\nà,b,c\n"),
    line: 3,
    records: 0,
    says: /0xE0/,
  },
  { code: "utf-16", name: "a.jsonl", content: utf16(good), records: 2, says: /UTF-16LE/ },
  { code: "byte-order-mark", name: "a.jsonl", content: `\ufeff${good}`, records: 2, says: /byte order mark/ },
  {
    code: "column-count",
    name: "a.csv",
    content: "prompt,chosen,rejected\na,b,c\nd,e\nf,g,h\n",
    line: 3,
    row: 2,
    records: 2,
    says: /2 cells, the header 3/,
  },
  {
    code: "bad-quoting",
    name: "a.csv",
    content: 'prompt,chosen,rejected\na,b,c\nd,"e,f\ng,h,i\n',
    line: 3,
    row: 2,
    records: 1,
    says: /never closed/,
  },
  {
    code: "corrupt-parquet",
    name: "a.parquet",
    content: "PAR1 and then nothing like it",
    records: 0,
    says: /cannot be read/,
  },
  {
    code: "wrong-type",
    name: "a.jsonl",
    content: good + jsonl(pair("c", { chosen: 7 })),
    line: 3,
    field: "chosen",
    records: 2,
    says: /chosen is a number/,
  },
  {
    code: "wrong-type",
    name: "a.jsonl",
    content: `${jsonl({ prompt: "a", completions: ["x", "y"], ranks: [1, 2] })}${jsonl({ prompt: "b", completions: ["x", "y"], ranks: ["best", 2] })}`,
    line: 2,
    field: "ranks.0",
    records: 1,
    says: /expected number/,
  },
  {
    code: "wrong-role",
    name: "a.jsonl",
    content: jsonl({ messages: [{ role: "narrator", content: "x" }] }),
    line: 1,
    field: "messages[0].role",
    records: 0,
    says: /narrator/,
  },
  ...[600, 50_000].map(
    (depth): Case => ({
      code: "nested-too-deep",
      name: "a.jsonl",
      content: `{"prompt":"a","chosen":"b","rejected":"c","extra":${"[".repeat(depth)}${"]".repeat(depth)}}\n${good}`,
      line: 1,
      records: 2,
      says: /nested deeper/,
    }),
  ),
  {
    code: "wrong-role",
    name: "a.jsonl",
    content: jsonl({ messages: [{ role: "constructor", content: "x" }] }),
    line: 1,
    field: "messages[0].role",
    records: 0,
    says: /constructor/,
  },
  {
    code: "no-prompt",
    name: "a.jsonl",
    content: jsonl({ chosen: "Yes", rejected: "No" }),
    line: 1,
    records: 0,
    says: /no beginning in common/,
  },
  {
    code: "open-conversation",
    name: "a.jsonl",
    content: jsonl({
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "c" },
      ],
    }),
    line: 1,
    records: 1,
    says: /without a reply/,
  },
  {
    code: "empty-prompt",
    name: "a.jsonl",
    content: jsonl({ prompt: "  ", completion: "x" }),
    line: 1,
    records: 0,
    says: /empty/,
  },
  {
    code: "empty-reply",
    name: "a.jsonl",
    content: good + jsonl(pair("c", { chosen: " \n" })),
    line: 3,
    field: "response 1",
    records: 2,
    says: /is empty/,
  },
  {
    code: "empty-reply",
    name: "a.jsonl",
    content: jsonl({ instruction: "a", output: "" }),
    line: 1,
    records: 0,
    says: /reply is empty/,
  },
  {
    code: "empty-model-reply",
    name: "a.jsonl",
    content: jsonl({ prompt: "a", responses: { m1: "x", m2: "" } }),
    line: 1,
    records: 1,
    says: /m2.*empty/,
  },
  {
    code: "identical-replies",
    name: "a.jsonl",
    content: good + jsonl(pair("c", { chosen: "same", rejected: "same " })),
    line: 3,
    records: 2,
    says: /same text/,
  },
  {
    code: "same-text",
    name: "a.jsonl",
    content: jsonl({ prompt: "a", responses: { m1: "x", m2: "x" } }),
    line: 1,
    records: 1,
    says: /same text/,
  },
  {
    code: "bad-answer",
    name: "a.jsonl",
    content: jsonl({
      prompt: "b",
      responses: [
        { text: "x", preference: 2.4 },
        { text: "y", preference: 1 },
      ],
      reference: { text: "z" },
    }),
    line: 1,
    records: 0,
    says: /whole number from 0 to 100/,
  },
  {
    code: "no-verdict",
    name: "a.jsonl",
    content: jsonl({ instruction: "a", output_1: "x", output_2: "y", preference: null }),
    line: 1,
    records: 1,
    says: /no verdict/,
  },
  {
    code: "bad-language",
    name: "a.jsonl",
    content: jsonl(pair("a", { language: "English (US)" })),
    line: 1,
    field: "language",
    records: 1,
    says: /English \(US\)/,
  },
  {
    code: "nul-character",
    name: "a.jsonl",
    content: good + jsonl(pair("c", { prompt: "c\u0000" })),
    line: 3,
    records: 2,
    says: /U\+0000/,
  },
  {
    code: "nul-character",
    name: "a.jsonl",
    content: `${good}{"prompt": "c\u0000", "chosen": "x", "rejected": "y"}\n`,
    line: 3,
    records: 2,
    says: /raw NUL byte/,
  },
  {
    code: "nul-character",
    name: "a.jsonl",
    content: jsonl(pair("a", { note: "\u0000" })),
    line: 1,
    field: "note",
    records: 0,
    says: /note contains/,
  },
  {
    code: "lone-surrogate",
    name: "a.jsonl",
    content: `${good}{"prompt": "c\\ud83d", "chosen": "x", "rejected": "y"}\n`,
    line: 3,
    records: 2,
    says: /U\+D83D/,
  },
  {
    code: "line-separator",
    name: "a.jsonl",
    content: jsonl(pair("a", { prompt: "a\u2028b" })),
    line: 1,
    records: 1,
    says: /U\+2028/,
  },
  {
    code: "replacement-character",
    name: "a.jsonl",
    content: jsonl(pair("a", { prompt: "caf\ufffd" })),
    line: 1,
    records: 1,
    says: /lost bytes/,
  },
  {
    code: "special-token",
    name: "a.jsonl",
    content: jsonl(pair("a", { prompt: "<|im_start|>user" })),
    line: 1,
    records: 1,
    says: /<\|im_start\|>/,
  },
  {
    code: "several-turns",
    name: "a.jsonl",
    content: jsonl({
      chosen: "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d",
      rejected: "\n\nHuman: a\n\nAssistant: e",
    }),
    line: 1,
    records: 1,
    says: /before the last reply/,
  },
  {
    code: "never-chosen",
    name: "red-team.never-chosen.jsonl",
    content: jsonl(
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
        ],
      },
      {
        ...{ redTeam: true, neverChosen: true },
        messages: [
          { role: "user", content: "c" },
          { role: "assistant", content: "d" },
        ],
      },
    ),
    line: 2,
    row: 2,
    field: "neverChosen",
    records: 1,
    says: /under attack/,
  },
  {
    code: "benchmark-canary",
    name: "a.json",
    content: JSON.stringify({ canary: "BENCHMARK DATA", examples: [{ input: "a", target: "b" }] }),
    row: 1,
    records: 1,
    says: /BENCHMARK/,
  },
  {
    code: "duplicate",
    name: "a.jsonl",
    content: good + jsonl(pair("a")),
    line: 3,
    records: 2,
    says: /row 1 of a\.jsonl/,
  },
  {
    code: "repeated-judgement",
    name: "a.jsonl",
    content: ["x", "y"]
      .map((winner) =>
        jsonl({
          instruction: "a",
          output_1: "x",
          output_2: "y",
          annotator: "judge",
          preference: winner === "x" ? 1 : 2,
        }),
      )
      .join(""),
    line: 2,
    records: 1,
    says: /judge judged/,
  },
  {
    code: "missing-companion",
    name: "human.jsonl",
    content: jsonl({ question_id: 1, model_a: "a", model_b: "b", winner: "model_a", judge: "j", turn: 1 }),
    records: 0,
    says: /question\.jsonl/,
  },
  {
    code: "converted-value",
    name: "t.json",
    content: JSON.stringify([
      { idx: 0, instruction: "a", input: "", response1: true, response2: "No.", annotator1: 1 },
    ]),
    line: 1,
    field: "response1",
    records: 1,
    says: /is true, not text/,
  },
];

describe("problems", () => {
  it.each(cases)("$code: $says", async ({ code, name, content, line, row, field, records, says }) => {
    const result = await readText(name, content);
    const found = result.problems.filter((problem) => problem.code === code);
    expect(found, JSON.stringify(result.problems.slice(0, 5))).toHaveLength(1);
    expect(found[0]).toMatchObject({
      file: name,
      severity: problemCatalogue[code].severity,
      ...(line && { line }),
      ...(row && { row }),
      ...(field && { field }),
    });
    expect(found[0].message).toMatch(says);
    if (records === "some") expect(result.records.length).toBeGreaterThan(0);
    else expect(result.records).toHaveLength(records);
  });

  it("names a vote whose texts are missing by its row, and keeps the others", async () => {
    const question = { question_id: 1, category: "c", turns: ["Q?"] };
    const answer = (model_id: string) => ({
      question_id: 1,
      model_id,
      choices: [{ index: 0, turns: [`${model_id} says`] }],
    });
    const vote = (question_id: number) => ({
      question_id,
      model_a: "a",
      model_b: "b",
      winner: "tie",
      judge: "j",
      turn: 1,
    });
    const files: SourceFile[] = [
      fileInMemory("votes.jsonl", jsonl(vote(1), vote(2))),
      fileInMemory("answers.jsonl", jsonl(answer("a"), answer("b"))),
      fileInMemory("question.jsonl", jsonl(question)),
    ];
    const { records, problems } = await readAll(files);
    expect(records).toHaveLength(1);
    expect(problems).toMatchObject([
      { code: "missing-reference", file: "votes.jsonl", line: 2, field: "question_id" },
    ]);
  });

  it("looks at the first rows of a document that brings more than a function takes arguments", async () => {
    const { problems } = await readText("a.json", JSON.stringify({ data: Array(130_000).fill({ x: 1 }) }));
    expect(problems.map(({ code }) => code)).toEqual(["unrecognised-shape"]);
  });

  it("finds the same text among any number of replies", () => {
    const responses = Array.from({ length: 200_000 }, (_, i) => ({ content: `reply ${i}`, metadata: {} }));
    const prompt = { messages: [{ role: "user" as const, content: "a" }], metadata: {} };
    const record = { prompt, responses: [...responses, responses[3]], judgements: [] };
    expect(checkRecord(record)).toEqual([
      {
        code: "identical-replies",
        field: "response 200001",
        message: "Responses 4 and 200001 have the same text.",
      },
    ]);
  });

  it("stops at the most rows of one import, over all its files", async () => {
    const files = ["a", "b", "c"].map((name) =>
      fileInMemory(`${name}.jsonl`, jsonl(pair(`${name} 1`), pair(`${name} 2`))),
    );
    const { problems, rows } = await readAll(files, {}, 3);
    expect(problems).toMatchObject([{ code: "too-many-rows", file: "b.jsonl" }]);
    expect(rows).toBe(4);
  });

  it("covers every problem of the catalogue", () => {
    const elsewhere = [
      "missing-reference",
      "too-many-rows",
      "unpacks-too-far",
      "unused-column",
      "weight-zero",
      "media",
      "no-reply",
      "other-details",
      "revised-judgement",
      "kept-judgement",
    ]; // in memory.test.ts, import-corrections.test.ts, import-law.test.ts, import-values.test.ts and import-peers.test.ts
    const tested = new Set<string>([...cases.map(({ code }) => code), ...elsewhere]);
    expect(Object.keys(problemCatalogue).filter((code) => !tested.has(code))).toEqual([]);
  });

  it("gives back rejected rows so that they can be corrected and imported", async () => {
    const bad = pair("c", { chosen: "" });
    const { rejected } = await readText("a.jsonl", `${good}${jsonl(bad)}not json\n`);
    expect(rejected).toEqual([JSON.stringify(bad), "not json"]);
    const corrected = rejected[0].replace('"chosen":""', '"chosen":"Now filled"');
    expect((await readText("rejected.jsonl", `${corrected}\n`)).records).toHaveLength(1);
  });

  it("reads another encoding when it is chosen", async () => {
    const content = latin1(jsonl(pair("Café")));
    const { records, problems } = await readText("a.jsonl", content, { encoding: "windows-1252" });
    expect(problems).toEqual([]);
    expect(records[0].prompt.messages[0].content).toBe("Café");
  });

  it(`keeps rows up to ${maxRowBytes} bytes`, async () => {
    const { records } = await readText("a.jsonl", jsonl(pair("a", { chosen: megabytes(15) })));
    expect(records).toHaveLength(1);
  });
});
