/**
 * Does it learn? Models from nothing on real data: SFT, a reward model and DPO on polite against rude answers
 * (rasbt_preference), and a reward model on HH helpful, honestly, beside the length baseline.
 * `npm run bench:learn` (a quarter of an hour on two free cores).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Accuracy,
  alpacaRows,
  answersOf,
  beforeAndAfter,
  interval,
  lengthAccuracy,
  newModel,
  type Pair,
  politePairs,
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
  const { low, high } = interval(found);
  return `${percent(found.right / found.of)} (${found.right} of ${found.of}, 95 % interval ${percent(low)} to ${percent(high)})`;
};
const started = performance.now();
const say = (text: string) => console.log(`[${Math.round((performance.now() - started) / 1000)} s] ${text}`);

await polite(politePairs());
await helpful({ train: asPairs("train"), held: asPairs("test") });

async function polite(pairs: Split<Pair>): Promise<void> {
  const language = [...alpacaRows(pairs.held), ...answersOf(pairs.train, ["chosen", "rejected"])];
  const base = newModel(place("base"), language, { vocabulary: 1024, hidden: 128, layers: 2 });
  const sft = await runTraining(
    place("sft"),
    { train: language, held: answersOf(pairs.held, ["chosen"]) },
    { method: "sft", model: base, learning_rate: 3e-3, num_train_epochs: 3, max_length: 256 },
  );
  const loss = beforeAndAfter(sft, "eval_loss");
  say(`SFT from scratch: held-out loss ${loss.before.toFixed(3)} → ${loss.after.toFixed(3)} nats a token`);

  const model = join(place("sft"), "output");
  await runTraining(place("reward"), pairs, {
    method: "reward",
    model,
    learning_rate: 7e-4,
    num_train_epochs: 4,
    weight_decay: 0.05,
  });
  say(
    `Reward model, polite against rude: ${accuracy(await rewardAccuracy(join(place("reward"), "output"), pairs.held))}`,
  );
  say(`  length alone: ${accuracy(lengthAccuracy(pairs.held))}`);

  const dpo = await runTraining(place("dpo"), pairs, {
    method: "preference",
    model,
    learning_rate: 3e-4,
    num_train_epochs: 4,
    beta: 0.1,
  });
  const rewards = beforeAndAfter(dpo, "eval_rewards/accuracies");
  say(`DPO: held-out reward accuracy ${percent(rewards.before)} → ${percent(rewards.after)}`);
}

async function helpful(pairs: Split<Pair>): Promise<void> {
  const base = newModel(place("helpful"), pairs.train, { vocabulary: 4096, hidden: 128, layers: 2 });
  const fitting = ({ prompt, chosen, rejected }: Pair) =>
    JSON.stringify([prompt, chosen, rejected]).length < 3000;
  const rows = { train: pairs.train.filter(fitting), held: pairs.held.filter(fitting) };
  await runTraining(place("helpful-reward"), rows, {
    method: "reward",
    model: base,
    learning_rate: 5e-4,
    num_train_epochs: 2,
    weight_decay: 0.05,
  });
  const found = await rewardAccuracy(join(place("helpful-reward"), "output"), rows.held);
  say(`Reward model, HH helpful, from scratch: ${accuracy(found)}`);
  say(`  length alone: ${accuracy(lengthAccuracy(rows.held))}`);
}

function asPairs(split: "train" | "test"): Pair[] {
  return helpfulPairs(split).map(({ prompt, chosen, rejected }) => ({
    prompt: [{ role: "user", content: prompt.trim() }],
    chosen: [{ role: "assistant", content: chosen.trim() }],
    rejected: [{ role: "assistant", content: rejected.trim() }],
  }));
}
