import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { wilsonInterval } from "@/server/statistics/wilson";
import {
  beforeAndAfter,
  demoRows,
  lengthAccuracy,
  newModel,
  politeOptions,
  politePairs,
  politeShape,
  pretrainedReward,
  rewardAccuracy,
  runTraining,
} from "@/tests/bench/learning";
import { NO_PRETRAINED, pretrainedModel } from "@/tests/python";

const scratch = mkdtempSync(join(tmpdir(), "concord-learns-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const place = (name: string) => join(scratch, name);
const minutes = 60_000;

const hasData = existsSync("../shared/data/rasbt_preference");
const where = hasData ? "rasbt_preference" : "skipped: ../shared/data is not there";

test.skipIf(!hasData)(
  `which answers are polite is learnt from pairs (${where})`,
  { timeout: 30 * minutes },
  async () => {
    const pairs = politePairs(0);
    const model = newModel(place("base"), pairs.train, politeShape);
    const options = { model, ...politeOptions };

    await runTraining(place("reward"), pairs, { method: "reward", ...options });
    const found = await rewardAccuracy({ model: join(place("reward"), "output") }, pairs.held);
    const byLength = lengthAccuracy(pairs.held);
    expect(wilsonInterval(found.right, found.of).low).toBeGreaterThan(
      wilsonInterval(byLength.right, byLength.of).high,
    );
    // From nothing the words that were never seen stay unknown: logistic regression on words gets 0.89 over five folds.
    expect(found.right / found.of).toBeGreaterThan(0.85);

    const dpo = await runTraining(place("dpo"), pairs, { method: "preference", ...options });
    const accuracies = beforeAndAfter(dpo, "eval_rewards/accuracies");
    expect(accuracies.before).toBe(0); // policy equals reference: a tie is not a win
    expect(accuracies.after).toBeGreaterThan(0.9);
  },
);

test.skipIf(!hasData)(
  `a pretrained model learns it from the same pairs with 95 % of those held out right (${where})`,
  { timeout: 60 * minutes },
  async ({ skip }) => {
    const model = pretrainedModel();
    if (model === null) return skip(NO_PRETRAINED);
    // `npm run bench:learn pretrained` measures all five folds; this is the one with the most to spare.
    const pairs = politePairs(4);
    await runTraining(place("pretrained"), pairs, { model, ...pretrainedReward });
    const adapter = join(place("pretrained"), "output");
    const found = await rewardAccuracy({ model, adapter }, pairs.held);
    expect(found.right / found.of).toBeGreaterThanOrEqual(0.95);
  },
);

test("SFT from nothing on the demo project's responses lowers the loss on prompts it has not seen", {
  timeout: 10 * minutes,
}, async () => {
  const rows = demoRows();
  const model = newModel(place("demo"), rows.train, { vocabulary: 512, hidden: 64, layers: 2 });
  const events = await runTraining(place("demo-sft"), rows, {
    method: "sft",
    model,
    learning_rate: 5e-3,
    num_train_epochs: 2,
    max_length: 256,
  });
  const loss = beforeAndAfter(events, "eval_loss");
  expect(loss.before).toBeCloseTo(Math.log(512), 0); // knows nothing
  expect(loss.after).toBeLessThan(loss.before - 1);
});
