/**
 * The long differential run against TRL and transformers: tokens and masks of generated rows, of rows of
 * ../shared/data where it is there, and the text of every published chat template that TRL ships.
 *
 *   node --import tsx tests/parity/long-tokens.ts [rows, default 12000]
 *
 * Needs Python with the packages that make_goldens.py names; PYTHON=… says which one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ChatTemplate } from "@/workers/engine/tokenize/chat-template";
import { type Difference, differences, tokenCase } from "./token-cases";

const python = process.env.PYTHON ?? "python3";
const directory = mkdtempSync(join(tmpdir(), "concord-tokens-"));
makeReference(process.argv[2] ?? "12000");
const found = [...compareTokens(), ...compareTemplates()];
for (const difference of found.slice(0, 20)) console.log(JSON.stringify(difference));
rmSync(directory, { recursive: true });
process.exitCode = found.length === 0 ? 0 : 1;

function makeReference(rows: string): void {
  const script = resolve(import.meta.dirname, "make_goldens.py");
  const { status } = spawnSync(python, [script, "long", directory, rows], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0)
    throw new Error(`${python} ${script} failed: set PYTHON to a Python with torch, trl and datasets`);
}

function linesOf<T>(file: string, shape: z.ZodType<T>): T[] {
  const lines = readFileSync(join(directory, file), "utf8").trim().split("\n");
  return lines.map((json) => shape.parse(JSON.parse(json)));
}

function compareTokens(): Difference[] {
  const cases = linesOf("tokens.jsonl", tokenCase);
  const different = cases.flatMap((made) => differences(made, join(directory, "tokenizers")));
  const rows = cases.flatMap(({ expected }) => expected);
  const dropped = rows.filter((row) => "dropped" in row).length;
  console.log(`${rows.length} rows, ${dropped} of them dropped by TRL: ${different.length} differ.`);
  return different;
}

/** Text and assistant spans; positions count characters in Python and UTF-16 units here. */
function compareTemplates(): Difference[] {
  const renderings = linesOf(
    "renderings.jsonl",
    z.object({
      name: z.string(),
      template: z.string(),
      messages: z.array(z.looseObject({ role: z.string(), content: z.string().optional() })),
      tools: z.array(z.record(z.string(), z.unknown())).nullable(),
      prompt: z.boolean(),
      text: z.string(),
      spans: z.array(z.tuple([z.int(), z.int()])),
    }),
  );
  const special = { bos_token: "<bos>", eos_token: "<eos>", unk_token: "<unk>", pad_token: "<eos>" };
  const templates = new Map(
    renderings.map(({ name, template }) => [name, new ChatTemplate(template, special)]),
  );
  const different = renderings.flatMap(({ name, messages, tools, prompt, ...expected }) => {
    const made = templates.get(name)?.renderWithSpans(messages, { tools, addGenerationPrompt: prompt });
    const characters = (at: number) => [...(made?.text ?? "").slice(0, at)].length;
    const spans = made?.spans.map(({ start, end }) => [characters(start), characters(end)]);
    const same = made?.text === expected.text && JSON.stringify(spans) === JSON.stringify(expected.spans);
    return same ? [] : [{ where: name, row: messages, expected: expected.text, found: made?.text }];
  });
  console.log(
    `${renderings.length} renderings of ${templates.size} published chat templates: ${different.length} differ.`,
  );
  return different;
}
