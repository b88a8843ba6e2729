import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { createModel } from "@/workers/engine/model/new-model";
import { trainBpe } from "@/workers/engine/tokenize/bpe";
import { newSpecialTokens, saveTokenizer } from "@/workers/engine/tokenize/new-tokenizer";

/** SmolLM2-135M's config.json; speed does not depend on what the weights are. */
const config = {
  model_type: "llama",
  vocab_size: 49152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  tie_word_embeddings: true,
  initializer_range: 1 / 24,
  bos_token_id: null,
  pad_token_id: 0,
  eos_token_id: 2,
};

/** A model of SmolLM2-135M's shape with random weights, made once, with a tokenizer learnt from the dialogues. */
export function smolModel(head: "causal" | "score"): string {
  const directory = resolve(".concord/bench", `smollm2-135m-${head}`);
  if (existsSync(join(directory, "config.json"))) return directory;
  mkdirSync(directory, { recursive: true });
  const texts = helpfulPairs("train").flatMap(({ prompt, chosen }) => [prompt, chosen]);
  saveTokenizer(directory, trainBpe(texts, 8192, newSpecialTokens), config.max_position_embeddings);
  const architecture = head === "score" ? "LlamaForSequenceClassification" : "LlamaForCausalLM";
  createModel(directory, { ...config, architectures: [architecture] }, 42);
  return directory;
}

const dialogues = z.object({ chosen: z.string(), rejected: z.string() });

export interface Pair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

/** HH helpful's pairs (Bai et al. 2022) of natural, uneven lengths, cut before the answers in which they differ. */
export function helpfulPairs(split: "train" | "test"): Pair[] {
  const folder = resolve("../shared/data/hh-rlhf");
  const text =
    split === "test"
      ? readFileSync(join(folder, "helpful.test.jsonl"), "utf8")
      : gunzipSync(readFileSync(join(folder, "helpful.train.jsonl.gz"))).toString("utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => dialogues.parse(JSON.parse(line)))
    .flatMap(({ chosen, rejected }) => {
      const answer = "\n\nAssistant:";
      const prompt = chosen.slice(0, chosen.lastIndexOf(answer) + answer.length);
      return rejected.startsWith(prompt) &&
        [chosen, rejected].every((side) => side.slice(prompt.length).trim() !== "")
        ? [{ prompt, chosen: chosen.slice(prompt.length), rejected: rejected.slice(prompt.length) }]
        : []; // 14 of 4,664 differ before their last turn, 2 have an empty side
    });
}
