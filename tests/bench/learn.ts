/**
 * Does it learn? Models from nothing on real data: SFT, a reward model and DPO on polite against rude answers
 * (rasbt_preference, over five folds), and a reward model on HH helpful, beside the length baseline.
 * `npm run bench:learn [sft] [polite] [helpful]`, all three by default: five minutes on two quiet cores.
 * `npm run bench:learn pretrained-polite` and `pretrained-helpful` start from SmolLM2-135M-Instruct: an hour, and
 * half of one.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wilsonInterval } from "@/server/statistics/wilson";
import { NO_PRETRAINED, pretrainedModel } from "@/tests/python";
import {
  type Accuracy,
  answersOf,
  beforeAndAfter,
  folds,
  lengthAccuracy,
  newModel,
  type Pair,
  politeOptions,
  politePairs,
  politeShape,
  pretrainedOptions,
  rewardAccuracy,
  runTraining,
  type Split,
} from "./learning";
import { helpfulPairs } from "./smollm";

const scratch = mkdtempSync(join(tmpdir(), "concord-learn-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
const place = (name: string) => join(scratch, name);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const accuracy = (found: Accuracy) => {
  const { share, low, high } = wilsonInterval(found.right, found.of);
  return `${percent(share)} (${found.right} of ${found.of}, 95 % interval ${percent(low)} to ${percent(high)})`;
};
const started = performance.now();
const say = (text: string) => console.log(`[${Math.round((performance.now() - started) / 1000)} s] ${text}`);

const parts = {
  sft: imitation,
  polite: politeness,
  helpful: helpfulness,
  "pretrained-polite": pretrainedPoliteness,
  "pretrained-helpful": pretrainedHelpfulness,
};
const asked = process.argv.slice(2);
for (const [name, part] of Object.entries(parts))
  if (asked.length === 0 ? !name.startsWith("pretrained") : asked.includes(name)) await part();

async function imitation(): Promise<void> {
  const pairs = politePairs(0);
  const rows = { train: answersOf(pairs.train, ["chosen"]), held: answersOf(pairs.held, ["chosen"]) };
  const model = newModel(place("sft-base"), rows.train, { vocabulary: 512, hidden: 128, layers: 2 });
  const events = await runTraining(place("sft"), rows, {
    method: "sft",
    model,
    learning_rate: 3e-3,
    num_train_epochs: 4,
    max_length: 256,
  });
  const { before, after } = beforeAndAfter(events, "eval_loss");
  say(
    `SFT from scratch, polite answers: held-out loss ${before.toFixed(3)} → ${after.toFixed(3)} nats a token`,
  );
}

async function politeness(): Promise<void> {
  await byFolds("From scratch", (fold, { train }) => {
    const options = { model: newModel(place(`base-${fold}`), train, politeShape), ...politeOptions };
    return { reward: options, dpo: options };
  });
}

async function pretrainedPoliteness(): Promise<void> {
  const model = pretrainedModel();
  if (!model) return say(`SmolLM2 is skipped: ${NO_PRETRAINED}.`);
  const { reward, dpo } = pretrainedOptions;
  await byFolds("SmolLM2-135M-Instruct", () => ({ reward: { model, ...reward }, dpo: { model, ...dpo } }));
}

/** Options of a run. */
interface Recipe {
  readonly model: string;
  readonly peft?: object;
  readonly [option: string]: unknown;
}

/** Polite against rude: every fold is held out once, and all are counted together. */
async function byFolds(
  title: string,
  recipes: (fold: number, pairs: Split<Pair>) => Readonly<Record<"reward" | "dpo", Recipe>>,
): Promise<void> {
  const none = { right: 0, of: 0 };
  const total = { reward: { ...none }, dpo: { ...none }, length: { ...none } };
  for (let fold = 0; fold < folds; fold++) {
    const pairs = politePairs(fold);
    const { reward, dpo } = recipes(fold, pairs);
    await runTraining(place(`reward-${fold}`), pairs, { method: "reward", ...reward });
    const scored = await rewardAccuracy(trained(reward, place(`reward-${fold}`)), pairs.held);
    const events = await runTraining(place(`dpo-${fold}`), pairs, { method: "preference", ...dpo });
    const { before, after } = beforeAndAfter(events, "eval_rewards/accuracies");
    add(total.reward, scored);
    add(total.dpo, { right: Math.round(after * pairs.held.length), of: pairs.held.length });
    add(total.length, lengthAccuracy(pairs.held));
    say(
      `${title}, polite against rude, fold ${fold + 1} held out: reward model ${percent(scored.right / scored.of)}; DPO ${percent(before)} → ${percent(after)}`,
    );
  }
  say(`${title}, reward models, all folds: ${accuracy(total.reward)}`);
  say(`  DPO, all folds: ${accuracy(total.dpo)}`);
  say(`  length alone: ${accuracy(total.length)}`);
}

/** Where the model of a run lies: whole, or as an adapter of the one it started from. */
function trained({ model, peft }: Recipe, output: string): { model: string; adapter?: string } {
  const result = join(output, "output");
  return peft ? { model, adapter: result } : { model: result };
}

async function helpfulness(): Promise<void> {
  const pairs = fittingPairs();
  const model = newModel(place("helpful"), pairs.train, { vocabulary: 4096, hidden: 128, layers: 2 });
  await helpful("from scratch", pairs, {
    model,
    learning_rate: 5e-4,
    num_train_epochs: 2,
    weight_decay: 0.05,
  });
}

async function pretrainedHelpfulness(): Promise<void> {
  const model = pretrainedModel();
  if (!model) return say(`SmolLM2 is skipped: ${NO_PRETRAINED}.`);
  const { peft } = pretrainedOptions.reward;
  const options = { model, peft, learning_rate: 2e-4, num_train_epochs: 1 };
  await helpful("SmolLM2-135M-Instruct", fittingPairs(), options);
}

async function helpful(title: string, pairs: Split<Pair>, recipe: Recipe): Promise<void> {
  const output = place("helpful-reward");
  await runTraining(output, pairs, { method: "reward", ...recipe });
  const found = await rewardAccuracy(trained(recipe, output), pairs.held);
  say(`Reward model, HH helpful, ${title}: ${accuracy(found)}`);
  say(`  length alone: ${accuracy(lengthAccuracy(pairs.held))}`);
}

/** Pairs within the 1,024 tokens of a model. */
function fittingPairs(): Split<Pair> {
  const fitting = ({ prompt, chosen, rejected }: Pair) =>
    JSON.stringify([prompt, chosen, rejected]).length < 3000;
  return { train: asPairs("train").filter(fitting), held: asPairs("test").filter(fitting) };
}

function add(total: { right: number; of: number }, { right, of }: Accuracy): void {
  total.right += right;
  total.of += of;
}

function asPairs(split: "train" | "test"): Pair[] {
  return helpfulPairs(split).map(({ prompt, chosen, rejected }) => ({
    prompt: [{ role: "user", content: prompt.trim() }],
    chosen: [{ role: "assistant", content: chosen.trim() }],
    rejected: [{ role: "assistant", content: rejected.trim() }],
  }));
}
