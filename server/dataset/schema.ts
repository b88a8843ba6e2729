import { z } from "zod";
import { datasetKinds, datasetManifestSchema, recipeSchema } from "../../db/shape/dataset";
import { repositorySchema } from "../../db/shape/model";
import { licenceSchema } from "../hub/schema";

export const datasetSchema = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  name: z.string(),
  kind: z.enum(datasetKinds),
  createdAt: z.date(),
});

/** A question under which responses of a project were compared, and its wording as it was asked last. */
export const comparedQuestionSchema = z.object({
  id: z.string(),
  label: z.string(),
  /** Judgements of a pair that count, without adjudications. */
  votes: z.number().int(),
});
export type ComparedQuestion = z.infer<typeof comparedQuestionSchema>;

export const datasetVersionSchema = z.object({
  id: z.uuid(),
  datasetId: z.uuid(),
  version: z.number().int(),
  recipe: recipeSchema,
  manifest: datasetManifestSchema,
  sha256: z.string(),
  rows: z.number().int(),
  createdAt: z.date(),
});

/**
 * What a version left out: of what, and why. Versions of the rules before count what they called `tie` and `both_bad`
 * by the prompt in ranked rows and best replies.
 */
export const leftOut = {
  tie: { of: "comparison", why: "ended in a tie" },
  both_bad: { of: "comparison", why: "found both replies bad" },
  too_few_votes: { of: "comparison", why: "had fewer votes than required" },
  too_little_agreement: { of: "comparison", why: "had less agreement than required" },
  weak: { of: "comparison", why: "had no vote as strong as required" },
  not_adjudicated: { of: "comparison", why: "had no adjudication" },
  identical_texts: { of: "comparison", why: "held a text against itself" },
  duplicate: { of: "repeat", why: "had the same texts as another and was counted together with it" },
  repeated_vote: { of: "vote", why: "was replaced by a later vote of the same rater on the same pair" },
  weak_vote: { of: "vote", why: "was weaker than required; ties and both bad have no strength" },
  weightless_vote: { of: "vote", why: "came from a rater of weight 0" },
  no_majority: { of: "reply", why: "was good as often as bad in its comparisons" },
  not_unanimous: { of: "reply", why: "was good in one comparison and bad in another" },
  open_order: { of: "group of replies", why: "was compared too little to tell its order" },
  all_tied: { of: "group of replies", why: "tied as a whole" },
  open_best: { of: "prompt", why: "had replies compared too little to tell the best" },
  tied_best: { of: "prompt", why: "had several replies that tied for the best" },
  bad_best: { of: "prompt", why: "had a best reply that was found bad with another" },
} as const;
export type LeftOut = keyof typeof leftOut;
/** Told of each thing that is left out. */
export type Leave = (what: LeftOut) => void;

export const exportFormats = ["jsonl", "parquet"] as const;
export const exportLayouts = ["trl", "llama-factory", "axolotl", "nemo-rl"] as const;

/** What a dataset card needs to be told; everything else it says is measured. */
export const cardSchema = z
  .object({
    licence: licenceSchema,
    description: z.string().max(10_000).default(""),
  })
  .prefault({});

export const exportSpecSchema = z.object({
  versionId: z.uuid(),
  format: z.enum(exportFormats).default("parquet"),
  layout: z
    .enum(exportLayouts)
    .default("trl")
    .describe("trl is also read by OpenRLHF and by Axolotl's DPO; the others need a shape of their own."),
  card: cardSchema,
});
export type ExportSpec = z.infer<typeof exportSpecSchema>;

export const pushSpecSchema = exportSpecSchema.extend({
  repository: repositorySchema.describe(
    "The dataset repository on the Hugging Face Hub, made if it does not exist.",
  ),
  private: z.boolean().default(true),
});
export type PushSpec = z.infer<typeof pushSpecSchema>;
