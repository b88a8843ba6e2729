import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packRows } from "@/workers/engine/tokenize/packing";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { differences, engineTokens, tokenCase } from "./token-cases";

const golden = resolve(import.meta.dirname, "golden");
const cases = z.array(tokenCase).parse(JSON.parse(readFileSync(join(golden, "tokens.json"), "utf8")));

describe("tokens and masks equal TRL's", () => {
  it.each(
    cases.map(
      (found) =>
        [`${found.tokenizer} ${found.form}${found.assistant_only ? " assistant only" : ""}`, found] as const,
    ),
  )("%s", (_name, found) => {
    expect(differences(found, join(golden, "tokenizers"))).toEqual([]);
  });

  it("over all cases a good part of the rows is kept and a good part is dropped", () => {
    const rows = cases.flatMap(({ expected }) => expected);
    const dropped = rows.filter((row) => "dropped" in row).length;
    expect(rows.length).toBeGreaterThan(300);
    expect(dropped / rows.length).toBeGreaterThan(0.05);
    expect(dropped / rows.length).toBeLessThan(0.5);
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
