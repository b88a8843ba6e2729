import type { LoopStep } from "./schema";

type Trained = "sft" | "reward" | "preference";

interface LoopPlan {
  options: Record<Trained, Record<string, unknown>>;
  /** What each step takes on two quiet cores. */
  usualSeconds: Record<LoopStep, number>;
}

const shared = { logging_steps: 2, max_length: 256, seed: 42, eval_on_start: true };
const full = { ...shared, per_device_train_batch_size: 16 };
const short = { ...shared, per_device_train_batch_size: 8, max_steps: 20, eval_steps: 10 };
const lora = { method: "lora", r: 16, target_modules: "all-linear" };

/**
 * Sizes, rates and steps of the loop. On the prompts that its version holds out, the loss of the base falls from 6.74 to
 * 0.41 nats a token, that of SFT from 0.56 to 0.42; the reward model has 124 of 183 pairs right, and the loss of DPO
 * falls from 0.69 to 0.58 in forty steps. The base must be trained enough to write, and little enough to err.
 */
export const loopPlans = {
  new: {
    model: {
      hidden_size: 128,
      num_hidden_layers: 4,
      num_attention_heads: 4,
      intermediate_size: 384,
      vocab_size: 800,
      pretrain_steps: 300,
    },
    options: {
      sft: { ...full, learning_rate: 1e-3, max_steps: 200, eval_steps: 50 },
      reward: { ...full, learning_rate: 5e-4, max_steps: 120, eval_steps: 40 },
      preference: { ...full, learning_rate: 1e-4, max_steps: 80, eval_steps: 40, beta: 0.1 },
    },
    usualSeconds: { freeze: 5, new_model: 80, sft: 45, reward: 35, preference: 35, evaluate: 15 },
  },
  pretrained: {
    options: {
      sft: { ...short, learning_rate: 2e-4, peft: lora },
      reward: { ...short, learning_rate: 2e-4, peft: lora },
      // It goes on from the adapter of SFT.
      preference: { ...short, learning_rate: 5e-5, beta: 0.1 },
    },
    usualSeconds: { freeze: 5, new_model: 0, sft: 240, reward: 480, preference: 600, evaluate: 120 },
  },
} satisfies { new: LoopPlan & { model: Record<string, number> }; pretrained: LoopPlan };

/** What the models answer before the first step and at every evaluation. */
export const watchedPrompts = [
  "What is the capital of Italy?",
  "Tell me the colour of snow.",
  "Good morning. Do you know the colour of grass?",
  "How much is two plus three?",
];
