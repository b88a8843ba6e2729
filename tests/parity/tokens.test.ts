import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packRows } from "@/workers/engine/tokenize/packing";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { differences, engineTokens, tokenCase } from "./token-cases";

const golden = resolve(import.meta.dirname, "golden");
const casesOf = (file: string) =>
  z.array(tokenCase).parse(JSON.parse(readFileSync(join(golden, file), "utf8")));
const cases = casesOf("tokens.json");

describe("control tokens that people typed are read as text, as transformers does", () => {
  it.each(casesOf("guard.json").map((found) => [found.tokenizer, found] as const))("%s", (_name, found) => {
    expect(differences(found, join(golden, "tokenizers"))).toEqual([]);
  });
});

describe("tokens and masks equal TRL's", () => {
  it.each(
    cases.map(
      (found) =>
        [
          `${found.template ?? found.tokenizer} ${found.form}${found.assistant_only ? " assistant only" : ""}`,
          found,
        ] as const,
    ),
  )("%s", (_name, found) => {
    expect(differences(found, join(golden, "tokenizers"), join(golden, "templates"))).toEqual([]);
  });

  it("over all cases a good part of the rows is kept and a good part is dropped", () => {
    const rows = cases.flatMap(({ expected }) => expected);
    const dropped = rows.filter((row) => "dropped" in row).length;
    expect(rows.length).toBeGreaterThan(300);
    expect(dropped / rows.length).toBeGreaterThan(0.05);
    expect(dropped / rows.length).toBeLessThan(0.5);
  });
});

describe("tokenizer classes rebuild the pipeline as transformers 5 does", () => {
  const file = z
    .object({
      texts: z.array(z.string()),
      cases: z.array(
        z.object({
          tokenizer: z.string(),
          class: z.string().nullable(),
          architecture: z.string().nullable(),
          ids: z.array(z.array(z.int())),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(golden, "tokenizer-classes.json"), "utf8")));

  it.each([...new Set(file.cases.map(({ tokenizer }) => tokenizer))])("%s", (name) => {
    const config = z
      .looseObject({})
      .parse(JSON.parse(readFileSync(join(golden, "tokenizers", name, "tokenizer_config.json"), "utf8")));
    for (const found of file.cases.filter(({ tokenizer }) => tokenizer === name)) {
      const directory = mkdtempSync(join(tmpdir(), "concord-class-"));
      copyFileSync(join(golden, "tokenizers", name, "tokenizer.json"), join(directory, "tokenizer.json"));
      writeFileSync(
        join(directory, "tokenizer_config.json"),
        JSON.stringify({ ...config, tokenizer_class: found.class }),
      );
      if (found.architecture !== null) {
        writeFileSync(join(directory, "config.json"), JSON.stringify({ model_type: found.architecture }));
      }
      const tokenizer = openTokenizer(directory);
      expect(
        file.texts.map((text) => tokenizer.encode(text)),
        `${found.class} ${found.architecture}`,
      ).toEqual(found.ids);
      rmSync(directory, { recursive: true });
    }
  });
});

describe("pre-tokenizers split as the reference does", () => {
  const { texts, cases } = z
    .object({
      texts: z.array(z.string()),
      cases: z.array(
        z.object({ name: z.string(), pre_tokenizer: z.looseObject({}), ids: z.array(z.array(z.int())) }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(golden, "splitters.json"), "utf8")));
  const source = join(golden, "tokenizers/gpt2");
  const file = z.looseObject({}).parse(JSON.parse(readFileSync(join(source, "tokenizer.json"), "utf8")));

  /** The tokenizer of the goldens with changes to its tokenizer.json. */
  const changed = (changes: object) => {
    const directory = mkdtempSync(join(tmpdir(), "concord-splitter-"));
    copyFileSync(join(source, "tokenizer_config.json"), join(directory, "tokenizer_config.json"));
    writeFileSync(join(directory, "tokenizer.json"), JSON.stringify({ ...file, ...changes }));
    try {
      return openTokenizer(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  it.each(cases)("$name", ({ pre_tokenizer, ids }) => {
    const tokenizer = changed({ pre_tokenizer });
    expect(texts.map((text) => tokenizer.encode(text))).toEqual(ids);
  });

  it("an added token that must be a whole word is refused by name", () => {
    const added_tokens = [{ id: 5, content: "word", single_word: true, special: false, normalized: false }];
    expect(() => changed({ added_tokens })).toThrow('"word" with single_word');
  });
});

describe("packing equals TRL's pack_dataset", () => {
  const packing = z
    .object({
      length: z.int(),
      rows: z.array(z.array(z.int())),
      packed: z.record(
        z.enum(["bfd", "bfd_split", "wrapped"]),
        z.object({ input_ids: z.array(z.array(z.int())), seq_lengths: z.array(z.array(z.int())).optional() }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(golden, "packing.json"), "utf8")));

  it.each(["bfd", "bfd_split", "wrapped"] as const)("%s", (strategy) => {
    const rows = packing.rows.map((input_ids, i) => ({
      row: i + 1,
      input_ids,
      labels: input_ids.map((_, at) => at > 0),
    }));
    const packed = packRows(rows, packing.length, strategy);
    const expected = packing.packed[strategy];
    expect(packed.map(({ input_ids }) => input_ids)).toEqual(expected.input_ids);
    if (expected.seq_lengths) expect(packed.map(({ segments }) => segments)).toEqual(expected.seq_lengths);
  });
});

describe("npm run tokenize", () => {
  it("writes one object a row with TRL's ids, and the reason of dropped rows", () => {
    const found = cases.find(({ tokenizer, form }) => tokenizer === "qwen" && form === "preference/chat");
    if (found === undefined) throw new Error("the golden file has no qwen preference/chat case");
    const directory = mkdtempSync(join(tmpdir(), "concord-tokenize-"));
    const [input, output] = [join(directory, "rows.jsonl"), join(directory, "ids.jsonl")];
    writeFileSync(input, found.rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    execFileSync(process.execPath, [
      ...["--import", "tsx", "workers/engine/cli/tokenize.ts"],
      ...["--model", join(golden, "tokenizers/qwen"), "--kind", "preference", "--in", input, "--out", output],
      ...["--max-length", String(found.max_length)],
    ]);
    const lines = readFileSync(output, "utf8").trim().split("\n");
    const tokenizer = openTokenizer(join(golden, "tokenizers/qwen"));
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      found.rows.map((row) => engineTokens(tokenizer, found, row)),
    );
  });
});
