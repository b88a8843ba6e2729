import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { nightly } from "@/tests/nightly";
import { referencePython } from "@/tests/python";
import type { Inference } from "@/workers/engine/infer/inference";
import { mergeAdapter } from "@/workers/engine/model/adapter/merge";
import { readAdapter } from "@/workers/engine/model/adapter/peft";
import { openModel } from "@/workers/engine/model/directory";

export const golden = resolve("tests/parity/golden");
export const family = (name: string) => join(golden, "families", name);

const ids = z.array(z.number());
const expectedShape = z.object({
  family: z.string(),
  head: z.enum(["causal", "score"]),
  logps: z.array(z.array(ids)).optional(),
  scores: z.array(ids).optional(),
});

/** Adapters that PEFT wrote, with what it computed by them. */
export const adapterCases = readdirSync(join(golden, "adapters")).map((name) => {
  const directory = join(golden, "adapters", name);
  const expected: unknown = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8"));
  return { name, directory, expected, ...expectedShape.parse(expected) };
});

const inferenceShape = z.object({
  prompts: z.array(ids),
  responses: z.array(z.array(ids)),
  families: z.record(z.string(), z.object({ greedy: z.array(ids), means: z.array(ids) })),
  rotary: z.object({
    shared: z.record(z.string(), z.unknown()),
    cases: z.array(
      z.object({
        rope_parameters: z.record(z.string(), z.unknown()),
        inverse: ids,
        attention_factor: z.number(),
      }),
    ),
  }),
  halves: z.object({ float32: ids, float16: ids, bfloat16: ids }),
  bpe: z.object({
    texts: z.array(z.string()),
    size: z.number(),
    vocabulary: z.array(z.string()),
    merges: z.array(z.tuple([z.string(), z.string()])),
  }),
});

/** What make_inference_goldens.py computed with transformers, PEFT and tokenizers. */
export const goldens = inferenceShape.parse(JSON.parse(readFileSync(join(golden, "inference.json"), "utf8")));

/** The families that are tried in the live libraries: by day those that differ most. */
export const liveFamilies = nightly ? Object.keys(goldens.families) : ["llama", "gemma3", "gpt2", "olmo2"];

const scratch = mkdtempSync(join(tmpdir(), "concord-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** An empty directory that goes with the test process. */
export const temporary = () => mkdtempSync(join(scratch, "made-"));

/** A family's model with an adapter merged into it, as we write it. */
export function merged(base: string, adapter: string): string {
  const made = temporary();
  const model = openModel(family(base));
  // Ids above those of the golden prompts, so that nothing is taken for padding.
  const config = { ...model.config, pad_token_id: model.config.vocab_size - 1 };
  mergeAdapter(made, { ...model, config }, readAdapter(adapter, model.config));
  return made;
}

/** The model's answers to the golden prompts: log-probabilities or rewards in one flat list. */
export async function ours(inference: Inference): Promise<number[]> {
  const rows = goldens.prompts.map((prompt, index) => ({ prompt, responses: goldens.responses[index] }));
  const found =
    inference.config.head === "score"
      ? (await inference.scores(rows)).flat()
      : (await inference.logProbabilities(rows)).flatMap((row) => row.flatMap((logps) => [...logps]));
  await inference.close();
  return found;
}

interface ReferenceRequest {
  readonly model: string;
  readonly adapter: string | null;
  readonly head: "causal" | "score";
}

/** The same from transformers and PEFT, for several models; call only where `referencePython` found a Python. */
export function theirs(requests: readonly ReferenceRequest[]): number[][] {
  const { prompts, responses } = goldens;
  const input = requests.map((request) => JSON.stringify({ ...request, prompts, responses })).join("\n");
  const python = referencePython() ?? "";
  const { stdout, stderr, status } = spawnSync(python, ["tests/parity/peft_reference.py"], {
    input,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => flatten(JSON.parse(line)));
}

const answerShape = expectedShape.pick({ logps: true, scores: true });
export function flatten(answer: unknown): number[] {
  const { logps = [], scores = [] } = answerShape.parse(answer);
  return [...logps.flat(2), ...scores.flat()];
}

export function largestDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index])), 0);
}
