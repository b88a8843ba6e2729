import { z } from "zod";

export const trainingMethods = ["sft", "reward", "preference", "kto"] as const;
export type TrainingMethod = (typeof trainingMethods)[number];

/** Keys of run.yaml that the platform fills in by itself. */
export const managedKeys = ["method", "model", "adapter", "train", "eval", "output"] as const;

/** A training run as it is asked for: from which model, on which version, with which of TRL's options. */
export const trainSpecSchema = z.object({
  versionId: z.uuid(),
  modelId: z.uuid(),
  /** The name of the model that comes out. */
  name: z.string().trim().min(1).max(120),
  /** TRL's options by name, as in run.yaml; the engine's defaults hold for all others. */
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .refine((options) => managedKeys.every((key) => !(key in options)), {
      message: `${managedKeys.join(", ")} are filled in from the model and the version.`,
    }),
  /** Prompts that the model answers at every checkpoint, to see it change. */
  samplePrompts: z.array(z.string().min(1)).max(8).default([]),
});
export type TrainSpec = z.infer<typeof trainSpecSchema>;

/** What each method needs, in a sentence for whoever chooses. */
export const methodNotes: Record<TrainingMethod, string> = {
  sft: "Learns to write the replies of an SFT dataset, or the chosen replies of a preference dataset. Where most projects begin.",
  reward:
    "Learns to score responses from pairs, so that better ones score higher. Used to rank, filter and pick what to judge next.",
  preference:
    "DPO and its family: moves the model towards chosen and away from rejected replies. Start from an SFT model.",
  kto: "Learns from single responses marked good or bad; no pairs needed.",
};

/** Datasets a method can learn from. */
export const trainableKinds = {
  sft: ["sft", "preference", "reward", "ranked"],
  reward: ["preference", "reward", "ranked"],
  preference: ["preference", "reward", "ranked"],
  kto: ["unpaired"],
} as const;

/** The first batch as the engine will see it, and what the run will take. */
export const previewSchema = z.object({
  rows: z.number().int(),
  dropped: z.array(z.object({ file: z.string(), row: z.number().int(), reason: z.string() })),
  steps: z.number().int(),
  memoryBytes: z.number(),
  memoryNote: z.string(),
  /** Measured on a few steps; null where they took too long or another engine trains. */
  secondsPerStep: z.number().nullable(),
  batch: z.array(
    z.object({
      /** `chosen`, `rejected`, `completion` …: which sequence of the row it is. */
      role: z.string(),
      tokens: z.array(
        z.object({ text: z.string(), part: z.enum(["prompt", "completion"]), loss: z.boolean() }),
      ),
    }),
  ),
  /** The resolved run.yaml. */
  yaml: z.string(),
});
export type Preview = z.infer<typeof previewSchema>;
