/**
 * Does it learn? Models from nothing on real data: SFT, a reward model and DPO on polite against rude answers
 * (rasbt_preference, over five folds), and a reward model on HH helpful, beside the length baseline.
 * `npm run bench:learn [sft] [polite] [helpful]`, all three by default: five minutes on two quiet cores.
 * `npm run bench:learn pretrained`: reward models from SmolLM2-135M-Instruct on the same five folds, 45 minutes.
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
  pretrainedReward,
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

const short = { sft: imitation, polite: politeness, helpful: helpfulness };
const asked = process.argv.slice(2);
for (const [name, part] of Object.entries({ ...short, pretrained: pretrainedPoliteness }))
  if (asked.length === 0 ? name in short : asked.includes(name)) await part();

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
  const none = { right: 0, of: 0 };
  const total = { reward: { ...none }, dpo: { ...none }, length: { ...none } };
  for (let fold = 0; fold < folds; fold++) {
    const pairs = politePairs(fold);
    const model = newModel(place(`base-${fold}`), pairs.train, politeShape);
    const options = { model, ...politeOptions };
    await runTraining(place(`reward-${fold}`), pairs, { method: "reward", ...options });
    const reward = await rewardAccuracy({ model: join(place(`reward-${fold}`), "output") }, pairs.held);
    const events = await runTraining(place(`dpo-${fold}`), pairs, { method: "preference", ...options });
    const { before, after } = beforeAndAfter(events, "eval_rewards/accuracies");
    add(total.reward, reward);
    add(total.dpo, { right: Math.round(after * pairs.held.length), of: pairs.held.length });
    add(total.length, lengthAccuracy(pairs.held));
    say(
      `From scratch, polite against rude, fold ${fold + 1} held out: reward model ${percent(reward.right / reward.of)}; DPO ${percent(before)} → ${percent(after)}`,
    );
  }
  say(`Reward models, all folds: ${accuracy(total.reward)}`);
  say(`  DPO, all folds: ${accuracy(total.dpo)}`);
  say(`  length alone: ${accuracy(total.length)}`);
}

async function pretrainedPoliteness(): Promise<void> {
  const model = pretrainedModel();
  if (!model) return say(`SmolLM2 is skipped: ${NO_PRETRAINED}.`);
  const total = { right: 0, of: 0 };
  for (let fold = 0; fold < folds; fold++) {
    const pairs = politePairs(fold);
    const output = place(`pretrained-${fold}`);
    await runTraining(output, pairs, { model, ...pretrainedReward });
    const found = await rewardAccuracy({ model, adapter: join(output, "output") }, pairs.held);
    add(total, found);
    say(`From SmolLM2-135M-Instruct, fold ${fold + 1} held out: reward model ${accuracy(found)}`);
  }
  say(`Reward models from SmolLM2-135M-Instruct, all folds: ${accuracy(total)}`);
}

async function helpfulness(): Promise<void> {
  const fitting = ({ prompt, chosen, rejected }: Pair) =>
    JSON.stringify([prompt, chosen, rejected]).length < 3000; // within the 1,024 tokens of the model
  const pairs: Split<Pair> = {
    train: asPairs("train").filter(fitting),
    held: asPairs("test").filter(fitting),
  };
  const model = newModel(place("helpful"), pairs.train, { vocabulary: 4096, hidden: 128, layers: 2 });
  await runTraining(place("helpful-reward"), pairs, {
    method: "reward",
    model,
    learning_rate: 5e-4,
    num_train_epochs: 2,
    weight_decay: 0.05,
  });
  say(
    `Reward model from scratch, HH helpful: ${accuracy(await rewardAccuracy({ model: join(place("helpful-reward"), "output") }, pairs.held))}`,
  );
  say(`  length alone: ${accuracy(lengthAccuracy(pairs.held))}`);
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
