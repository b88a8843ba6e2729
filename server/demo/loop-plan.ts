import type { LoopStep } from "./schema";

type Trained = "sft" | "reward" | "preference";

interface LoopPlan {
  options: Record<Trained, Record<string, unknown>>;
  /** What each step takes on two quiet cores. */
  usualSeconds: Record<LoopStep, number>;
}

const shared = { logging_steps: 2, max_length: 256, seed: 42, eval_on_start: true };

/** Sizes, rates and steps of the loop. */
export const loopPlans = {
  new: {
    model: {
      hidden_size: 128,
      num_hidden_layers: 4,
      num_attention_heads: 4,
      intermediate_size: 384,
      vocab_size: 800,
      pretrain_steps: 160,
    },
    options: {
      sft: {
        ...shared,
        learning_rate: 1e-3,
        per_device_train_batch_size: 16,
        max_steps: 120,
        eval_steps: 40,
      },
      reward: {
        ...shared,
        learning_rate: 5e-4,
        per_device_train_batch_size: 16,
        max_steps: 120,
        eval_steps: 40,
      },
      preference: {
        ...shared,
        learning_rate: 2e-4,
        per_device_train_batch_size: 16,
        max_steps: 80,
        eval_steps: 40,
        beta: 0.1,
      },
    },
    usualSeconds: { freeze: 3, new_model: 45, sft: 35, reward: 60, preference: 60, evaluate: 15 },
  },
  pretrained: {
    options: {
      sft: {},
      reward: {},
      preference: {},
    },
    usualSeconds: { freeze: 3, new_model: 0, sft: 300, reward: 300, preference: 600, evaluate: 120 },
  },
} satisfies { new: LoopPlan & { model: Record<string, number> }; pretrained: LoopPlan };

/** What the models answer before the first step and at every evaluation. */
export const watchedPrompts = [
  "What is the capital of Italy?",
  "Tell me the colour of snow.",
  "Good morning. Do you know the colour of grass?",
  "How much is two plus three?",
];
