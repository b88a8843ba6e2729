import { gzipSync } from "node:zlib";
import { parquetMetadataAsync, parquetReadObjects, type SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { writeJson } from "@/db/shape/written-json";
import { inspectFile } from "@/server/import/inspect";
import { importOptionsSchema } from "@/server/import/schema";
import { fileInMemory, type SourceFile } from "@/server/import/source/file";
import { readParquet } from "@/server/import/source/parquet";
import { fieldsAsJson, parsers, storedSchema } from "@/server/import/source/parquet-values";
import { jsonl, readAll, readText } from "./import-helpers";

const rows = [
  { prompt: "What is 2+2?", chosen: 'It is "four", of course.', rejected: "Five, perhaps." },
  { prompt: "Zeile 1\nZeile 2", chosen: "Grüße, 世界 🌍, שלום", rejected: "a,b;c|d\te" },
  { prompt: "Third\u2028line", chosen: "x\r\ny", rejected: "z" },
];

const user = (content: string) => ({ role: "user", content });
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const table = (delimiter: string, newline: string) =>
  [
    ["prompt", "chosen", "rejected"],
    ...rows.map(({ prompt, chosen, rejected }) => [prompt, chosen, rejected].map(quoted)),
  ]
    .map((cells) => cells.join(delimiter) + newline)
    .join("");
const parquet = (["prompt", "chosen", "rejected"] as const).map((name) => ({
  name,
  data: rows.map((row) => row[name]),
}));

const formats: Record<string, string | Uint8Array> = {
  "rows.jsonl": jsonl(...rows),
  "crlf.jsonl": jsonl(...rows).replaceAll("\n", "\r\n"),
  "no-last-newline.jsonl": jsonl(...rows).trimEnd(),
  "blank-lines.jsonl": `\n${jsonl(...rows).replaceAll("\n", "\n \n")}`,
  "bom.jsonl": `\ufeff${jsonl(...rows)}`,
  "array.json": JSON.stringify(rows),
  "pretty.json": JSON.stringify(rows, null, 2),
  "wrapped.json": JSON.stringify({ version: 1, data: rows }, null, 1),
  "by-key.json": JSON.stringify(Object.fromEntries(rows.map((row, index) => [`k${index}`, row]))),
  "objects.json": rows.map((row) => JSON.stringify(row, null, 2)).join("\n"),
  "table.csv": table(",", "\n"),
  "crlf.csv": table(",", "\r\n"),
  "semicolons.csv": table(";", "\n"),
  "table.tsv": table("\t", "\n"),
  "utf16.csv": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(table(",", "\n"), "utf16le")]),
  "rows.parquet": new Uint8Array(parquetWriteBuffer({ columnData: parquet })),
};

/** The same bytes in pieces that end inside characters, escapes and rows. */
function inPieces(name: string, content: string | Uint8Array, size: number): SourceFile {
  const whole = fileInMemory(name, content);
  return {
    ...whole,
    async *read(start, end) {
      for await (const bytes of whole.read(start, end))
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

describe("formats", () => {
  const cases = Object.entries(formats).flatMap(([name, content]) => [
    { name, content },
    { name: `${name}.gz`, content: gzipSync(content) },
    { name: `misnamed.${name}.bin`, content: gzipSync(content) },
  ]);
  it.each(cases)("$name", async ({ name, content }) => {
    for (const size of [1, 7, 1 << 20]) {
      const { records, problems } = await readAll([inPieces(name, content, size)]);
      expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(
        records.map(({ prompt, responses }) => ({
          prompt: prompt.messages.map(({ content }) => content).join("|"),
          chosen: responses[0].content,
          rejected: responses[1].content,
        })),
      ).toEqual(rows);
    }
  });

  it("reads Parquet with nested messages, integers and several row groups", async () => {
    const count = 2500;
    const data = Array.from({ length: count }, (_, index) => index);
    const buffer = parquetWriteBuffer({
      rowGroupSize: 1000,
      columnData: [
        {
          name: "messages",
          type: "JSON",
          data: data.map((n) => [
            { role: "user", content: `q${n}` },
            { role: "assistant", content: `a${n}` },
          ]),
        },
        { name: "id", type: "INT64", data: data.map(BigInt) },
      ],
    });
    const { records, problems } = await readText("rows.parquet", new Uint8Array(buffer));
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
    expect(records[2400]).toMatchObject({
      prompt: { messages: [{ role: "user", content: "q2400" }], externalId: "2400" },
      place: { row: 2401 },
    });
  });

  it("refuses messages as Python prints them by row and name, and takes the others of their table", async () => {
    for (const name of ["messages", "conversations"]) {
      const printed = `[{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'A'}]`;
      const written = quoted(JSON.stringify([user("Q"), { role: "assistant", content: "A" }]));
      const text = `${name}\n"${printed}"\n${written}\n`;
      const { problems, records } = await readText("a.csv", text);
      expect(problems).toMatchObject([{ code: "wrong-type", row: 1, field: name }]);
      expect(problems[0].message).toContain("json.dumps");
      expect(records).toMatchObject([{ prompt: { messages: [user("Q")] } }]);
    }
  });

  it("gives rows back that it leaves out as they were written", async () => {
    const row = '{"prompt": "", "chosen": "a", "rejected": "b", "score": 1.0, "2": 1e3, "1": null}';
    const lines = await readText("a.jsonl", `${row}\n`);
    const array = await readText("a.json", `[\n${row.replaceAll(", ", ",\n  ")}\n]\n`);
    expect(lines.rejected).toEqual([row]);
    expect(array.rejected).toEqual([row]);
  });

  it("keeps a float in a document of Parquet a float, and one beside it a number", async () => {
    const buffer = parquetWriteBuffer({
      schema: [
        { name: "root", num_children: 3 },
        { name: "prompt", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
        { name: "score", type: "DOUBLE", repetition_type: "REQUIRED" },
        { name: "arguments", repetition_type: "REQUIRED", num_children: 2 },
        { name: "price", type: "DOUBLE", repetition_type: "REQUIRED" },
        { name: "share", type: "DOUBLE", repetition_type: "REQUIRED" },
      ],
      columnData: [
        { name: "prompt", data: ["p"] },
        { name: "score", data: [2] },
        { name: "arguments", data: [{ price: 200, share: 0.5 }] },
      ],
    });
    const rows = readParquet(fileInMemory("rows.parquet", new Uint8Array(buffer)));
    const [row] = (await rows.next()).value ?? [];
    expect(writeJson("value" in row && row.value)).toBe(
      '{"prompt":"p","score":2,"arguments":{"price":200.0,"share":0.5}}',
    );
  });

  it("names lines as an editor shows them, also after cells with line breaks", async () => {
    const { problems } = await readText("a.csv", 'prompt,chosen,rejected\n"two\nlines",b,c\nd,,f\n');
    expect(problems).toMatchObject([{ code: "empty-reply", line: 4, row: 2 }]);
  });

  it("reads an array without holding it: 200 MB in less than 120 MB", async () => {
    const element = Buffer.from(`${JSON.stringify({ prompt: "p", completion: "x".repeat(100_000) })},`);
    const source: SourceFile = {
      name: "big.json",
      size: 0,
      async *read() {
        yield Buffer.from("[");
        for (let index = 0; index < 2000; index++) yield element;
        yield Buffer.from('{"prompt":"last","completion":"y"}]');
      },
    };
    const before = process.memoryUsage().rss;
    let peak = 0;
    const { plan } = await inspectFile(source, importOptionsSchema.parse({}));
    let count = 0;
    for await (const batch of plan?.rows() ?? []) {
      count += batch.length;
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }
    expect(count).toBe(2001);
    expect(peak).toBeLessThan(120 * 1024 * 1024);
  });
});

describe("preview", () => {
  it("shows the first rows, their columns and why they were taken for a shape", async () => {
    const inspection = await inspectFile(
      fileInMemory("rows.csv", formats["table.csv"]),
      importOptionsSchema.parse({}),
    );
    expect(inspection).toMatchObject({
      format: "CSV",
      columns: ["prompt", "chosen", "rejected"],
      problems: [],
    });
    expect(inspection.plan?.shape.id).toBe("preference");
    expect(inspection.plan?.reason).toMatch(/^3 of the first 3 rows have chosen and rejected/);
    expect(inspection.sample).toEqual(rows);
  });

  it("converts unknown columns by a mapping", async () => {
    const content =
      "frage,a,b,wer,urteil,sprache\nWie?,So.,Anders.,w1,links,de\nWo?,Hier.,Dort.,w2,gleich,de\n";
    const { records, problems } = await readText("studie.csv", content, {
      mapping: {
        prompt: "Beantworte: {{frage}}",
        responses: [
          { column: "a", source: "model-a" },
          { column: "b", source: "model-b" },
        ],
        preference: { column: "urteil", first: "links", second: "rechts", tie: "gleich" },
        rater: "wer",
        language: "sprache",
      },
    });
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      {
        prompt: { messages: [{ role: "user", content: "Beantworte: Wie?" }], language: "de" },
        responses: [
          { content: "So.", source: "model-a" },
          { content: "Anders.", source: "model-b" },
        ],
        judgements: [
          { rater: { id: "w1", kind: "person" }, answers: { better: { outcome: "a", level: 1 } } },
        ],
      },
      { judgements: [{ rater: { id: "w2" }, answers: { better: { outcome: "tie" } } }] },
    ]);
  });
});

describe("Parquet's own types", () => {
  it("decimals, times of day, intervals and bytes say what they were written as", async () => {
    const bytes = (...values: number[]) => new Uint8Array(values);
    const buffer = parquetWriteBuffer({
      schema: [
        { name: "root", num_children: 7 },
        { name: "prompt", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
        { name: "completion", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
        { name: "price", type: "INT32", repetition_type: "REQUIRED" },
        { name: "clock", type: "INT32", repetition_type: "REQUIRED" },
        { name: "span", type: "FIXED_LEN_BYTE_ARRAY", type_length: 12, repetition_type: "REQUIRED" },
        { name: "raw", type: "FIXED_LEN_BYTE_ARRAY", type_length: 4, repetition_type: "REQUIRED" },
        { name: "gone", type: "DOUBLE", repetition_type: "REQUIRED" },
      ],
      columnData: [
        { name: "prompt", data: ["p"] },
        { name: "completion", data: ["a"] },
        { name: "price", data: [435] },
        { name: "clock", data: [3_723_456] },
        { name: "span", data: [bytes(1, 0, 0, 0, 2, 0, 0, 0, 0xdc, 5, 0, 0)] },
        { name: "raw", data: [bytes(255, 0, 1, 2)] },
        { name: "gone", data: [Number.NaN] },
      ],
    });
    const metadata = await parquetMetadataAsync(buffer);
    const typed: Record<string, Partial<SchemaElement>> = {
      price: { converted_type: "DECIMAL", scale: 2 },
      clock: { converted_type: "TIME_MILLIS" },
      span: { converted_type: "INTERVAL" },
    };
    const schema = metadata.schema.map((element) => ({ ...element, ...typed[element.name] }));
    const rows = await parquetReadObjects({
      file: buffer,
      metadata: { ...metadata, schema: storedSchema(schema) },
      parsers,
      utf8: false,
    });
    expect(rows.map(fieldsAsJson(schema))).toEqual([
      {
        prompt: "p",
        completion: "a",
        price: 4.35,
        clock: "01:02:03.456",
        span: "P1M2DT1.5S",
        raw: "ff000102",
        gone: null,
      },
    ]);
  });
});
