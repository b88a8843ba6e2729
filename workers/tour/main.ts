import { parseArgs } from "node:util";
import { type LoopOptions, runLoop } from "./loop";
import { bundledPairs, hhPairs } from "./pairs";
import { startProduct } from "./product";
import { reportOf } from "./report";

/** `npm run demo [-- --data DIR] [--pairs N]`: the whole loop on a fresh database, and a report. */
const { values } = parseArgs({
  options: { data: { type: "string" }, pairs: { type: "string", default: "1200" } },
});

const shared = { logging_steps: 5, eval_steps: 50, save_steps: 1000, max_length: 256, seed: 42 };
const bundled: LoopOptions = {
  model: {
    hidden_size: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    intermediate_size: 384,
    vocab_size: 800,
    seed: 42,
  },
  sft: { ...shared, learning_rate: 1e-3, per_device_train_batch_size: 16, num_train_epochs: 6 },
  reward: { ...shared, learning_rate: 5e-4, per_device_train_batch_size: 16, num_train_epochs: 4 },
  preference: {
    ...shared,
    learning_rate: 2e-4,
    per_device_train_batch_size: 16,
    num_train_epochs: 3,
    beta: 0.1,
  },
  evaluationPrompts: 20,
};
/** Real dialogues are ten times longer: fewer passes, longer context, a larger vocabulary. */
const real: LoopOptions = {
  model: { ...bundled.model, vocab_size: 4000 },
  sft: { ...bundled.sft, max_length: 512, per_device_train_batch_size: 8, num_train_epochs: 1 },
  reward: { ...bundled.reward, max_length: 512, per_device_train_batch_size: 8, num_train_epochs: 1 },
  preference: { ...bundled.preference, max_length: 512, per_device_train_batch_size: 8, num_train_epochs: 1 },
  evaluationPrompts: 20,
};

const started = performance.now();
const source = values.data === undefined ? bundledPairs() : hhPairs(values.data, Number(values.pairs));
const product = await startProduct();
try {
  const report = await runLoop(product.api, source, values.data === undefined ? bundled : real, (step) =>
    console.log(`… ${step}`),
  );
  console.log(reportOf(report, (performance.now() - started) / 1000));
} finally {
  await product.stop();
}
