import { z } from "zod";
import {
  datasetManifestSchema,
  type Recipe,
  type RowTrait,
  rowTraits,
  storedRecipeSchema,
} from "../../db/shape/dataset";
import { type DatasetKind, datasetKinds } from "../../db/shape/dataset-kinds";
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
  /** Null where this release cannot read what another one stored; the version's rows and hash stand. */
  recipe: storedRecipeSchema.nullable().catch(null),
  manifest: datasetManifestSchema,
  sha256: z.string(),
  rows: z.number().int(),
  createdAt: z.date(),
});

/** What changed from the version before. */
export const versionDiffSchema = z.object({
  previousId: z.uuid(),
  previousVersion: z.number().int(),
  added: z.number().int(),
  removed: z.number().int(),
  changed: z.number().int(),
  /** Rows that went to another split. */
  moved: z.number().int(),
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
  attack_chosen: { of: "rows", why: "A model wrote it under attack: never to be learnt" },
  attack_rejected: {
    of: "rows",
    why: "A model wrote what is rejected under attack; the recipe does not ask for it",
  },
  bad_best: { of: "prompts", why: "The best reply was found bad beside another" },
} as const;
export type LeftOut = keyof typeof leftOut | RowTrait;

/** Each trait of a row, in words that complete "rows left out: …". */
export const traitWords: Readonly<Record<RowTrait, string>> = {
  system_turn: "Has a system turn",
  late_system_turn: "A system turn after the first turn",
  starts_with_reply: "Begins with the assistant",
  repeated_role: "Two turns of one speaker in a row",
  ends_without_reply: "Does not end with the assistant",
  user_turn_in_reply: "A user's turn within a reply",
  several_turn_prompt: "A prompt of several turns",
  several_turn_reply: "A reply of several turns",
  empty_reply: "An empty reply",
  tools: "Offers tools",
  tool_calls: "Calls tools, or has their answers",
  speaker_names: "Names its speakers",
  reasoning: "Shows the thoughts before a reply",
  over_two_replies: "More than two replies",
  tied_replies: "Tied replies",
};

export interface LeftOutLine {
  of: string;
  why: string;
  count: number;
}

/** A version's counts of what it left out, most first, in words; a reason that is no longer known keeps its name. */
export const leftOutLines = (dropped: Readonly<Record<string, number>>): LeftOutLine[] =>
  Object.entries(dropped)
    .map(([name, count]) => ({ ...wordsOf(name), count }))
    .sort((a, b) => b.count - a.count);

function wordsOf(name: string): { of: string; why: string } {
  if (isReason(name)) return leftOut[name];
  return isTrait(name) ? { of: "rows", why: traitWords[name] } : { of: "", why: name };
}

const isReason = (name: string): name is keyof typeof leftOut => name in leftOut;
const isTrait = (name: string): name is RowTrait => name in traitWords;

/** Told of each thing that is left out. */
export type Leave = (what: LeftOut) => void;

export const exportFormats = ["parquet", "jsonl", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const exportLayouts = [
  "trl",
  "openrlhf",
  "axolotl",
  "llama-factory",
  "ms-swift",
  "verl",
  "nemo-rl",
  "unsloth",
  "openai",
] as const;
export type ExportLayout = (typeof exportLayouts)[number];

/** A layout that has a place for rows of a version's kind, and what it would leave out of them. */
export const layoutOfferSchema = z.object({
  layout: z.enum(exportLayouts),
  title: z.string(),
  formats: z.array(z.enum(exportFormats)),
  /** How the trainer is told to read the files. */
  use: z.string(),
  rows: z.number().int(),
  /** Rows that the layout cannot hold; each counts under the first of its reasons. */
  skipped: z.array(z.object({ trait: z.enum(rowTraits), why: z.string(), rows: z.number().int() })),
});
export type LayoutOffer = z.infer<typeof layoutOfferSchema>;

/** What a dataset card needs to be told; everything else it says is measured. */
const cardSchema = exactly("A card", {
  licence: licenceSchema,
  description: z.string().max(10_000).default(""),
}).prefault({});

const exportFields = {
  versionId: z.uuid(),
  format: z.enum(exportFormats).optional().describe("Absent: the first that the layout has."),
  layout: z
    .enum(exportLayouts)
    .default("trl")
    .describe(
      "The trainer that reads the files without conversion. Rows that its format cannot hold are left out and counted; GET …/versions/{versionId}/layouts says so before.",
    ),
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
