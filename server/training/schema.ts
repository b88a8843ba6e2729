import { z } from "zod";
import type { TrainingMethod } from "../../db/shape/training";

/** Keys of run.yaml that the platform sets: what names a file or a folder never comes from a person. */
export const managedKeys = [
  "method",
  "model",
  "adapter",
  "train",
  "eval",
  "output",
  "chat_template_path",
  "reward_model",
  "reward_adapter",
] as const;

/** Options of a run as a person may set them: by type without those that the platform sets. */
export type PersonOptions = Record<string, unknown> & {
  readonly [Key in (typeof managedKeys)[number]]?: never;
};

const isPersons = (options: Record<string, unknown>): options is PersonOptions =>
  managedKeys.every((key) => !(key in options));

export const personOptionsSchema = z.record(z.string(), z.unknown()).transform((options, context) => {
  if (isPersons(options)) return options;
  context.addIssue(`${managedKeys.join(", ")} are set by the platform; a template is given as chatTemplate.`);
  return z.NEVER;
});

/** The most runs of a sweep. */
const SWEEP_RUNS = 64;

const runsOf = (grid: Record<string, readonly unknown[]>) =>
  Object.values(grid).reduce((runs, values) => runs * values.length, 1);

/** Values to try, by option; `peft.r` reaches into `peft`. Their number is known before anything is made of them. */
export const gridSchema = z
  .record(
    z
      .string()
      .regex(
        /^[a-z]\w*(\.[a-z]\w*)?$/i,
        "An option is named as in run.yaml, with peft. before those of peft.",
      ),
    z
      .array(z.union([z.number(), z.string().max(200), z.boolean()]))
      .min(1)
      .max(20),
  )
  .superRefine((grid, context) => {
    const runs = runsOf(grid);
    if (runs > SWEEP_RUNS) context.addIssue(`The grid has ${runs} runs; ${SWEEP_RUNS} are the most.`);
  })
  .describe("Values to try, by option; peft.r reaches into peft.");

/** The longest template of a known model has 14,000 characters. */
const TEMPLATE_CHARACTERS = 200_000;

/** A training run as it is asked for: from which model, on which version, with which of TRL's options. */
export const trainSpecSchema = z.object({
  versionId: z.uuid(),
  modelId: z.uuid(),
  /** The name of the model that comes out. */
  name: z.string().trim().min(1).max(120),
  /** TRL's options by name, as in run.yaml; the engine's defaults hold for all others. */
  options: personOptionsSchema.default({}),
  /** Jinja text of a chat template to use instead of the model's. */
  chatTemplate: z.string().min(1).max(TEMPLATE_CHARACTERS).optional(),
  /** Prompts that the model answers at every checkpoint, to see it change. */
  samplePrompts: z.array(z.string().min(1)).max(8).default([]),
});
export type TrainSpec = z.infer<typeof trainSpecSchema>;

/** The same in a chain: the id that the model gets, so that the next run can name it before it is there. */
export const queuedTrainSpecSchema = trainSpecSchema.extend({ makes: z.uuid().optional() });

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

/** Of each metric the points, step and value, ascending. */
export const curvesSchema = z.array(
  z.object({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
);
