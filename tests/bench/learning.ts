/** What tests/parity/learns*.test.ts and `npm run bench:learn` have in common: data, small runs, accuracies. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type ModelToOpen, TextInference } from "@/workers/engine/infer/text-inference";
import { createModel } from "@/workers/engine/model/new-model";
import { seeded } from "@/workers/engine/random";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { trainBpe } from "@/workers/engine/tokenize/bpe";
import { newSpecialTokens, saveTokenizer } from "@/workers/engine/tokenize/new-tokenizer";
import { type RunEvent, runEvent } from "@/workers/engine/train/events";
import { train } from "@/workers/engine/train/train";

type Message = { role: string; content: string };
export interface Pair {
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
}
export interface Split<Row> {
  readonly train: readonly Row[];
  readonly held: readonly Row[];
}

const turn = (role: string, content: string): Message[] => [{ role, content }];

const instruction = z.object({ instruction: z.string(), input: z.string() });
const polite = instruction.extend({ chosen: z.string(), rejected: z.string() });
const asked = ({ instruction: task, input }: z.infer<typeof instruction>) =>
  input ? `${task}\n\n${input}` : task;

export const folds = 5;

/** Polite against rude answers (rasbt_preference): one of five folds, drawn once by seed, is held out. */
export function politePairs(fold: number): Split<Pair> {
  const file = resolve("../shared/data/rasbt_preference/instruction-data-with-preference.json");
  const rows = z
    .array(polite)
    .parse(JSON.parse(readFileSync(file, "utf8")))
    .map((row) => ({
      prompt: turn("user", asked(row)),
      chosen: turn("assistant", row.chosen),
      rejected: turn("assistant", row.rejected),
    }));
  const shuffled = seeded(42, "split").shuffle(rows);
  const isHeld = (index: number) => index % folds === fold;
  return {
    train: shuffled.filter((_, index) => !isHeld(index)),
    held: shuffled.filter((_, index) => isHeld(index)),
  };
}

/**
 * What learns polite from rude, with a learning rate of 1e-3 over three epochs: chosen after some 40 short runs on two
 * to five of the folds, so that its accuracy may be a little too good. With smaller vocabularies the words fall apart.
 */
export const politeShape: Shape = { vocabulary: 1024, hidden: 256, layers: 2 };
export const politeOptions = { learning_rate: 1e-3, num_train_epochs: 3 };

/** What learns it in SmolLM2-135M-Instruct; chosen after two runs on another split of the same pairs. */
export const pretrainedReward = {
  method: "reward",
  peft: { method: "lora", r: 16, lora_alpha: 32, target_modules: "all-linear" },
  learning_rate: 1e-3,
  num_train_epochs: 3,
  eval_on_start: false,
};

const demoPrompt = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  responses: z.array(z.object({ content: z.string() })),
});

/** Prompts and responses of the demo project; every sixth prompt is held out with all its responses. */
export function demoRows(): Split<{ messages: Message[] }> {
  const folder = resolve("server/demo/content");
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
    .map((line) => demoPrompt.parse(JSON.parse(line)))
    .map(({ messages, responses }) =>
      responses.map(({ content }) => ({ messages: [...messages, ...turn("assistant", content)] })),
    );
  const isHeld = (index: number) => index % 6 === 5;
  return {
    train: rows.filter((_, index) => !isHeld(index)).flat(),
    held: rows.filter((_, index) => isHeld(index)).flat(),
  };
}

/** Answers to imitate: the chosen ones, or both sides. */
export function answersOf(
  pairs: readonly Pair[],
  sides: readonly ("chosen" | "rejected")[],
): { messages: Message[] }[] {
  return pairs.flatMap((pair) => sides.map((side) => ({ messages: [...pair.prompt, ...pair[side]] })));
}

export interface Shape {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
}

/** A random model with a tokenizer learnt from these rows. */
export function newModel(
  directory: string,
  rows: readonly object[],
  { vocabulary, hidden, layers }: Shape,
): string {
  const texts = rows.map((row) => JSON.stringify(row));
  const bpe = trainBpe(texts, vocabulary, newSpecialTokens);
  saveTokenizer(directory, bpe, 1024);
  const size = {
    hidden_size: hidden,
    intermediate_size: 2 * hidden,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    max_position_embeddings: 1024,
    tie_word_embeddings: true,
  };
  const tokens = { vocab_size: bpe.vocabulary.length, bos_token_id: null, pad_token_id: 0, eos_token_id: 2 };
  createModel(directory, { model_type: "llama", ...size, ...tokens }, 42);
  return directory;
}

/** Trains and returns what the run said; the model lies in `<output>/output`. */
export async function runTraining(
  output: string,
  rows: Split<object>,
  options: Readonly<Record<string, unknown>>,
): Promise<RunEvent[]> {
  mkdirSync(output, { recursive: true });
  const files = { train: join(output, "train.jsonl"), eval: join(output, "eval.jsonl") };
  writeRows(files.train, rows.train);
  writeRows(files.eval, rows.held);
  const { spec, problems } = parseRunSpec({
    ...files,
    output,
    per_device_train_batch_size: 16,
    per_device_eval_batch_size: 16,
    lr_scheduler_type: "cosine",
    warmup_steps: 0.1,
    eval_on_start: true,
    logging_steps: 10,
    save_steps: 100_000,
    ...options,
  });
  if (!spec) throw new Error(problems.map(({ message }) => message).join("\n"));
  await train(spec, { resume: false, shouldStop: () => false, onStep: () => {}, onMessage: () => {} });
  const lines = readFileSync(join(output, "events.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => runEvent.parse(JSON.parse(line)));
}

/** A metric of the held-out rows before the first step and after the last. */
export function beforeAndAfter(
  events: readonly RunEvent[],
  metric: string,
): { before: number; after: number } {
  const evaluations = events.filter((event) => event.type === "eval");
  const read = (event: (typeof evaluations)[number] | undefined) => z.number().parse(event?.[metric]);
  return { before: read(evaluations.at(0)), after: read(evaluations.at(-1)) };
}

/** How many of the pairs a rule gets right; a tie is not right. */
export interface Accuracy {
  readonly right: number;
  readonly of: number;
}

/** Accuracy of a reward model, or of a base model's adapter with a score head, through scoring as it is used. */
export async function rewardAccuracy(model: ModelToOpen, pairs: readonly Pair[]): Promise<Accuracy> {
  const engine = new TextInference(model);
  let right = 0;
  const rows = pairs.map(({ prompt, chosen, rejected }) => ({
    prompt: [...prompt],
    responses: [[...chosen], [...rejected]],
  }));
  for await (const answer of engine.answer({ kind: "score", rows })) {
    if (answer.kind === "scored" && answer.rewards[0] > answer.rewards[1]) right++;
  }
  await engine.close();
  return { right, of: pairs.length };
}

/** The baseline to beat: the longer answer is the better one. */
export function lengthAccuracy(pairs: readonly Pair[]): Accuracy {
  const length = (messages: readonly Message[]) =>
    messages.reduce((total, { content }) => total + content.length, 0);
  return {
    right: pairs.filter(({ chosen, rejected }) => length(chosen) > length(rejected)).length,
    of: pairs.length,
  };
}

function writeRows(file: string, rows: readonly object[]): void {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
