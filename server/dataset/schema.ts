import { z } from "zod";
import { messageSchema } from "../content/schema";

export const datasetKinds = ["preference", "sft", "unpaired", "ranked", "reward"] as const;
export type DatasetKind = (typeof datasetKinds)[number];

/** How a version is made from the judgements. The same recipe on the same judgements gives the same sha256. */
export const recipeSchema = z.object({
  filters: z
    .object({
      languages: z.array(z.string()).default([]),
      domains: z.array(z.string()).default([]),
      sources: z.array(z.string()).default([]),
      raters: z.array(z.string()).default([]),
      questionId: z.string().optional(),
      minStrength: z.number().min(0).max(1).default(0),
      submittedFrom: z.iso.datetime().optional(),
      submittedTo: z.iso.datetime().optional(),
      excludeFlagged: z.boolean().default(true),
    })
    .prefault({}),
  aggregation: z.enum(["majority", "all", "weighted", "adjudicated"]).default("majority"),
  /** For `weighted`: the weight of each rater id; 1 where absent. */
  raterWeights: z.record(z.string(), z.number().min(0)).default({}),
  minVotes: z.number().int().min(1).default(1),
  ties: z.enum(["drop", "half", "keep"]).default("drop"),
  margin: z.enum(["none", "strength", "vote_share"]).default("strength"),
  dedupe: z.enum(["none", "exact"]).default("exact"),
  split: z
    .object({
      seed: z.number().int().default(42),
      train: z.number().min(0).max(1).default(0.9),
      validation: z.number().min(0).max(1).default(0.05),
      test: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  /** SFT: where the replies come from. */
  sftSources: z.array(z.enum(["demonstration", "edit", "best"])).default(["demonstration", "edit", "best"]),
});
export type Recipe = z.infer<typeof recipeSchema>;

const common = { id: z.string(), annotators: z.number().int() };
const conversation = z.array(messageSchema);

/** Rows as TRAINING.md's export formats spell them. */
export const datasetRowSchema = z.union([
  z.object({
    ...common,
    prompt: conversation,
    chosen: conversation,
    rejected: conversation,
    margin: z.number().optional(),
  }),
  z.object({ ...common, prompt: conversation, completion: conversation, label: z.boolean() }),
  z.object({ ...common, prompt: conversation, completion: conversation }),
  z.object({
    ...common,
    prompt: conversation,
    completions: z.array(conversation),
    ranks: z.array(z.number()),
  }),
]);
export type DatasetRow = z.infer<typeof datasetRowSchema>;

export const datasetManifestSchema = z.object({
  kind: z.enum(datasetKinds),
  rows: z.record(z.string(), z.number().int()),
  annotations: z.number().int(),
  raters: z.number().int(),
  prompts: z.number().int(),
  statistics: z.record(z.string(), z.unknown()),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
