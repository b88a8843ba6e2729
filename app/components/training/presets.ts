import type { TrainingMethod } from "@/db/shape/training";
import type { Values } from "./options";
import type { Peft } from "./peft-fields";

/** Where the weights that training starts from come from: that decides which rates teach something. */
type Origin = "nothing" | "pretrained" | "adapter";

interface Known {
  id: string;
  method: string;
  format: string;
  source: { kind: string };
  baseId: string | null;
  parentId: string | null;
}

/**
 * The origin of a model: an adapter that goes on is one whatever it lies on; a full model is what its first ancestor
 * was, random numbers made here or weights that somebody had trained. One whose ancestors are archived counts as
 * pretrained, whose rates are the smaller ones.
 */
export function originOf(model: Known, models: readonly Known[]): Origin {
  if (model.format === "adapter") return "adapter";
  const byId = new Map(models.map((one) => [one.id, one]));
  let first: Known = model;
  for (const seen = new Set<string>(); !seen.has(first.id); ) {
    seen.add(first.id);
    first = byId.get(first.baseId ?? first.parentId ?? "") ?? first;
  }
  return first.method === "base" && first.source.kind === "run" ? "nothing" : "pretrained";
}

export const originNotes: Record<Origin, string> = {
  nothing:
    "The base was made here from random numbers: every weight is trained, at the rates of small models. An adapter would leave the random rest as it is.",
  pretrained:
    "The base was trained before: LoRA on all linear layers, at a tenth of an adapter's usual rates where preferences are learnt.",
  adapter: "Training goes on from an adapter, whose own settings hold, at half the rates of a fresh one.",
};

/**
 * Learning rates that lower the held-out loss. From nothing they are those of `npm run demo` and of
 * tests/bench/learning.ts, measured on models of a million weights; pretrained ones are those of adapters
 * (rank 16, all linear layers) of tests/bench/learning.ts and of TRL's examples.
 */
const rates: Record<Origin, Record<TrainingMethod, number>> = {
  nothing: { sft: 2e-3, reward: 5e-4, preference: 2e-4, kto: 2e-4 },
  pretrained: { sft: 2e-4, reward: 2e-4, preference: 5e-5, kto: 5e-5 },
  adapter: { sft: 1e-4, reward: 1e-4, preference: 2e-5, kto: 2e-5 },
};

const lengths = {
  quick: { logging_steps: 1, eval_steps: 25, save_steps: 25, max_length: 512 },
  standard: { num_train_epochs: 1, logging_steps: 5, eval_steps: 50, save_steps: 50 },
  thorough: {
    num_train_epochs: 3,
    logging_steps: 5,
    eval_steps: 100,
    save_steps: 100,
    lr_scheduler_type: "cosine",
    warmup_steps: 0.05,
    load_best_model_at_end: true,
  },
} satisfies Record<string, Values>;

export type Preset = keyof typeof lengths;
export const presetNames: readonly Preset[] = ["quick", "standard", "thorough"];

/** Steps and rows a step: random weights need many before they write a word, and such models are quick. */
const amounts: Record<Origin, Record<Preset, Values>> = {
  nothing: {
    quick: { max_steps: 150, per_device_train_batch_size: 16 },
    standard: { num_train_epochs: 4, per_device_train_batch_size: 16 },
    thorough: { num_train_epochs: 10, per_device_train_batch_size: 16 },
  },
  pretrained: {
    quick: { max_steps: 50, per_device_train_batch_size: 4 },
    standard: { per_device_train_batch_size: 8 },
    thorough: { per_device_train_batch_size: 8 },
  },
  adapter: {
    quick: { max_steps: 50, per_device_train_batch_size: 4 },
    standard: { per_device_train_batch_size: 8 },
    thorough: { per_device_train_batch_size: 8 },
  },
};

/** A starting point over the whole spec. What is learnt shows against an evaluation before the first step. */
export const presetOptions = (preset: Preset, method: TrainingMethod, origin: Origin): Values => ({
  learning_rate: rates[origin][method],
  eval_on_start: true,
  ...lengths[preset],
  ...amounts[origin][preset],
});

/** What is trained, where nobody chose; an adapter that goes on decides for itself. */
export const presetPeft = (origin: Origin): Peft =>
  origin === "nothing" ? { method: "none" } : { method: "lora", r: 16, target_modules: "all-linear" };
