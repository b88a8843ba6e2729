import { describe, expect, it } from "vitest";
import { parseJson } from "@/db/shape/written-json";
import { contamination as contaminationBy, textsIn } from "@/server/benchmark/contamination";
import { eachRow } from "@/server/benchmark/read";
import { fileInMemory, type SourceFile } from "@/server/import/source/file";

async function* training(...texts: string[]) {
  for (const [index, text] of texts.entries()) yield { text, where: `train.jsonl, row ${index + 1}` };
}
const contamination = async (documents: string[][], source: ReturnType<typeof training>) =>
  (await contaminationBy(documents, [source])).all;
const words = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `w${from + i}`).join(" ");

describe("training data", () => {
  async function rowsOf(source: SourceFile) {
    const rows = [];
    for await (const row of eachRow(source)) rows.push(row);
    return rows;
  }

  it("is read row by row: a file may be larger than memory", async () => {
    let read = 0;
    const line = Buffer.from(`${JSON.stringify({ prompt: "x".repeat(60_000) })}\n`);
    const source: SourceFile = {
      ...{ name: "train.jsonl", size: 1000 * line.length },
      async *read() {
        for (let row = 0; row < 1000; row++, read++) yield line;
      },
    };
    for await (const { row } of eachRow(source)) {
      expect(read).toBeLessThan(row + 10);
      if (row === 20) break;
    }
  });

  it("names the row that cannot be read, and a file without any", async () => {
    await expect(rowsOf(fileInMemory("t.jsonl", '{"a":"b"}\n{"a":\n{"a":"c"}\n'))).rejects.toThrow(
      /t\.jsonl, row 2: .*JSON/,
    );
    await expect(rowsOf(fileInMemory("t.jsonl", ""))).rejects.toThrow(/t\.jsonl: The file is empty/);
    expect(await rowsOf(fileInMemory("t.csv", "question\nWho?\n"))).toEqual([
      { row: 1, value: { question: "Who?" } },
    ]);
  });
});

describe("contamination", () => {
  it("finds a run of 13 words, whatever its case and punctuation, and says where", async () => {
    const [hit, miss] = await contamination(
      [[`Before. ${words(0, 13)} after`], [`Before. ${words(0, 12)} other words`]],
      training("nothing here", `x ${words(0, 13).toUpperCase().replaceAll(" ", ", ")}!`),
    );
    expect(hit).toMatchObject({ gram13: true, exact: false, tainted: true, where: "train.jsonl, row 2" });
    expect(miss).toMatchObject({ gram13: false, tainted: false, where: null });
  });

  it("taints a document of whose runs of 8 words 70 % are met, over all rows together", async () => {
    // 17 words have 10 runs of 8; words 0–11 and 6–12 give five of them, words 8–17 two more.
    const document = [words(0, 17)];
    const [five] = await contamination([document], training(words(0, 12)));
    expect(five).toMatchObject({ share8: 0.5, gram13: false, tainted: false });
    const [seven] = await contamination([document], training(words(0, 12), words(8, 9)));
    expect(seven).toMatchObject({ share8: 0.7, gram13: false, tainted: true });
  });

  it("finds short texts whole only, and Chinese ones by their characters", async () => {
    const [france, japan] = await contamination(
      [
        ["France", "Paris"],
        ["Japan", "Tokyo"],
      ],
      training("Paris is the capital of France", "Japan", "Tokyo"),
    );
    expect([france.exact, japan.exact]).toEqual([true, false]);
    const [short, part, chinese] = await contamination(
      [["Who wrote Hamlet?"], ["Who wrote Ham?"], ["什么是心脏的主要功能和结构在人体中的作用"]],
      training("q: who wrote hamlet — a: Shakespeare", "问：什么是心脏的主要功能和结构在人体中的作用？"),
    );
    expect(short).toMatchObject({ exact: true, share8: null, tainted: true, where: "train.jsonl, row 1" });
    expect(part.tainted).toBe(false);
    expect(chinese).toMatchObject({ exact: true, gram13: true, share8: 1 });
  });

  it("tells what stands in each source, and in all of them together", async () => {
    const [first, second] = [training("else", words(0, 12)), training(words(8, 9), `${words(0, 13)} x`)];
    const { all, each } = await contaminationBy([[words(0, 17)], ["Who wrote Hamlet?"]], [first, second]);
    expect(each.map(([{ share8, gram13, tainted }]) => ({ share8, gram13, tainted }))).toEqual([
      { share8: 0.5, gram13: false, tainted: false },
      { share8: 0.8, gram13: true, tainted: true },
    ]);
    expect(all[0]).toMatchObject({ share8: 0.8, gram13: true, tainted: true, where: "train.jsonl, row 2" });
    expect(all[1]).toEqual({ share8: null, gram13: false, exact: false, tainted: false, where: null });
    const halves = await contaminationBy([[words(0, 17)]], [training(words(0, 12)), training(words(8, 9))]);
    expect(halves.each.map(([{ tainted }]) => tainted)).toEqual([false, false]);
    expect(halves.all[0]).toMatchObject({ share8: 0.7, gram13: false, tainted: true });
  });

  it("sees texts at any depth of a row", () => {
    expect(textsIn({ messages: [{ content: "a" }, { content: "b", n: 1 }], c: null })).toEqual(["a", "b"]);
    // Numbers are no texts, however they are written.
    expect(textsIn(parseJson('{"content": "a", "n": 1, "share": 1.0, "id": 12345678901234567890}'))).toEqual([
      "a",
    ]);
  });
});
