import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { TextInference } from "@/workers/engine/infer/text-inference";
import { readRunSpec } from "@/workers/engine/spec/file";
import { train } from "@/workers/engine/train/train";

/** Rows that a run cannot learn from, on the model and rows of a golden run. */
const golden = join(import.meta.dirname, "golden");
const scratch = mkdtempSync(join(tmpdir(), "concord-refused-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const quiet = { shouldStop: () => false, onStep: () => {}, onMessage: () => {} };
const spec = { ...readRunSpec(join(golden, "trajectories/sft-llama/run.yaml")), max_steps: 1 };
const rows = readFileSync(spec.train, "utf8");
const fileOf = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

it("a run resumes on the rows it began with, not on as many others", async () => {
  const run = { ...spec, train: fileOf("rows.jsonl", rows), output: join(scratch, "resumed") };
  await train(run, { resume: false, ...quiet });
  await train({ ...run, max_steps: 2 }, { resume: true, ...quiet });
  fileOf("rows.jsonl", rows.replace("the", "a"));
  await expect(train({ ...run, max_steps: 3 }, { resume: true, ...quiet })).rejects.toThrow(
    /gives other rows than .* a run resumes only on the rows it began with/,
  );
});

it("a token that the embedding has no row for is named, with both sizes", async () => {
  const model = join(scratch, "model");
  cpSync(join(golden, "models/llama"), model, { recursive: true });
  const file = join(model, "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(file, "utf8"));
  const extra = { ...tokenizer.added_tokens[0], id: 5000, content: "<extra>" };
  writeFileSync(file, JSON.stringify({ ...tokenizer, added_tokens: [...tokenizer.added_tokens, extra] }));
  const { vocab_size } = JSON.parse(readFileSync(join(model, "config.json"), "utf8"));
  const said = `token "<extra>" has the id 5000, as the tokenizer has 5001 tokens and the model's embedding ${vocab_size}`;
  const row = `${JSON.stringify({ prompt: "a", completion: " b <extra>" })}\n`;
  const run = { ...spec, model, train: fileOf("extra.jsonl", rows + row), output: join(scratch, "extra") };
  await expect(train(run, { resume: false, ...quiet })).rejects.toThrow(
    `extra.jsonl, row ${rows.trim().split("\n").length + 1}: the ${said}`,
  );
  const engine = new TextInference({ model });
  const asked = engine.answer({ kind: "logprobs", rows: [{ prompt: "a", responses: ["<extra>"] }] });
  await expect(asked.next()).rejects.toThrow(`The ${said}`);
  await engine.close();
});
