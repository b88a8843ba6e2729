import { z } from "zod";
import {
  type DatasetKind,
  datasetKinds,
  datasetManifestSchema,
  type Recipe,
  storedRecipeSchema,
} from "../../db/shape/dataset";
import { exactly } from "../../db/shape/exactly";
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

/** Whether rows of a kind come from comparisons at all: demonstrations and edits do not. */
export const readsComparisons = (kind: DatasetKind, { sftSources }: Pick<Recipe, "sftSources">): boolean =>
  kind !== "sft" || sftSources.includes("best");

/** Whether comparisons have to put the replies of a prompt in order. */
export const ordersReplies = (kind: DatasetKind, recipe: Pick<Recipe, "sftSources">): boolean =>
  kind === "ranked" || (kind === "sft" && readsComparisons(kind, recipe));

export const datasetVersionSchema = z.object({
  id: z.uuid(),
  datasetId: z.uuid(),
  version: z.number().int(),
  recipe: storedRecipeSchema,
  manifest: datasetManifestSchema,
  sha256: z.string(),
  rows: z.number().int(),
  createdAt: z.date(),
});

/**
 * What a version left out: of what, and why. Versions that were frozen before ranks and best replies had these rules
 * count their ties and both bad by the prompt.
 */
const leftOut = {
  tie: { of: "comparisons", why: "Ended in a tie" },
  both_bad: { of: "comparisons", why: "Both replies found bad" },
  too_few_votes: { of: "comparisons", why: "Fewer votes than required" },
  too_little_agreement: { of: "comparisons", why: "Less agreement than required" },
  weak: { of: "comparisons", why: "No vote as strong as required" },
  not_adjudicated: { of: "comparisons", why: "Not adjudicated" },
  identical_texts: { of: "comparisons", why: "A text against itself" },
  duplicate: { of: "repeats", why: "The same texts as another; counted together with it" },
  repeated_vote: { of: "votes", why: "Replaced by a later vote of the same rater on the same pair" },
  weak_vote: { of: "votes", why: "Weaker than required; ties and both bad have no strength" },
  weightless_vote: { of: "votes", why: "From a rater of weight 0" },
  no_majority: { of: "replies", why: "Good as often as bad in their comparisons" },
  not_unanimous: { of: "replies", why: "Good in one comparison, bad in another" },
  open_order: { of: "groups of replies", why: "Compared too little to tell their order" },
  all_tied: { of: "groups of replies", why: "All tied" },
  open_best: { of: "prompts", why: "Replies compared too little to tell the best" },
  tied_best: { of: "prompts", why: "Several replies tied for the best" },
  bad_best: { of: "prompts", why: "The best reply was found bad beside another" },
} as const;
export type LeftOut = keyof typeof leftOut;

export interface LeftOutLine {
  of: string;
  why: string;
  count: number;
}

/** A version's counts of what it left out, most first, in words; a reason that is no longer known keeps its name. */
export const leftOutLines = (dropped: Readonly<Record<string, number>>): LeftOutLine[] =>
  Object.entries(dropped)
    .map(([name, count]) => ({ ...(isLeftOut(name) ? leftOut[name] : { of: "", why: name }), count }))
    .sort((a, b) => b.count - a.count);

const isLeftOut = (name: string): name is LeftOut => name in leftOut;

/** Told of each thing that is left out. */
export type Leave = (what: LeftOut) => void;

export const exportFormats = ["jsonl", "parquet"] as const;
export const exportLayouts = ["trl", "llama-factory", "axolotl", "nemo-rl"] as const;

/** What a dataset card needs to be told; everything else it says is measured. */
const cardSchema = exactly("A card", {
  licence: licenceSchema,
  description: z.string().max(10_000).default(""),
}).prefault({});

const exportFields = {
  versionId: z.uuid(),
  format: z.enum(exportFormats).default("parquet"),
  layout: z
    .enum(exportLayouts)
    .default("trl")
    .describe("trl is also read by OpenRLHF and by Axolotl's DPO; the others need a shape of their own."),
  card: cardSchema,
};
const pushFields = {
  ...exportFields,
  repository: repositorySchema.describe(
    "The dataset repository on the Hugging Face Hub, made if it does not exist.",
  ),
  private: z.boolean().default(true),
};
const asked = { projectId: z.uuid(), idempotencyKey: z.string().max(200).optional() };

/** What a run that writes or pushes a version's files is told, and what it is asked with. */
export const exportSpecSchema = exactly("An export", exportFields);
export const exportInputSchema = exactly("An export", { ...asked, ...exportFields });
export const pushSpecSchema = exactly("A push", pushFields);
export const pushInputSchema = exactly("A push", { ...asked, ...pushFields });
export type ExportSpec = z.infer<typeof exportSpecSchema>;
export type PushSpec = z.infer<typeof pushSpecSchema>;
