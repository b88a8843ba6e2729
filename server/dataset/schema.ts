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
