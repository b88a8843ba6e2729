import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type BpeModel, trainBpe } from "@/workers/engine/tokenize/bpe";
import { newSpecialTokens, saveTokenizer } from "@/workers/engine/tokenize/new-tokenizer";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";

/** Trained by Hugging Face tokenizers on the same text (make_inference_goldens.py). */
const golden: { bpe: BpeModel & { texts: string[]; size: number } } = JSON.parse(
  readFileSync("tests/parity/golden/inference.json", "utf8"),
);

test("learns the vocabulary and merges that Hugging Face tokenizers learns", () => {
  const { texts, size, vocabulary, merges } = golden.bpe;
  const learnt = trainBpe(texts, size, ["<|endoftext|>"]);
  expect(learnt.vocabulary).toEqual(vocabulary);
  expect(learnt.merges).toEqual(merges);
});

test("stops when no pair occurs twice, and refuses a vocabulary without room for the bytes", () => {
  expect(trainBpe(["abcdef"], 1000, []).vocabulary).toHaveLength(256);
  expect(() => trainBpe(["abc"], 200, [])).toThrow(/at least 256 tokens/);
});

test("a new tokenizer round-trips any text and marks what the assistant wrote", () => {
  const directory = mkdtempSync(join(tmpdir(), "concord-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  saveTokenizer(directory, trainBpe(golden.bpe.texts, golden.bpe.size, newSpecialTokens), 128);
  const tokenizer = openTokenizer(directory);
  for (const text of [...golden.bpe.texts, "\u0000 \uFFFD é\u0301 👩‍👩‍👧", "<|im_end|> in the middle"]) {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
  const { ids, mask } = tokenizer.encodeChatWithMask([
    { role: "user", content: "Two and two?" },
    { role: "assistant", content: "Four." },
  ]);
  const written = ids.filter((_, index) => mask?.[index] === 1);
  expect(tokenizer.decode(written)).toBe("Four.<|im_end|>");
});
