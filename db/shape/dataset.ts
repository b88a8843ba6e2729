import { z } from "zod";
import { messageSchema } from "./content";
import { datasetKinds, splits } from "./dataset-kinds";
import { exactly } from "./exactly";
import { labellingJudgeSchema } from "./judge";
import { measureSchema } from "./quality";

/** What a row may have that some trainer's format cannot hold; `server/dataset/trait.ts` says what has which. */
export const rowTraits = [
  "system_turn",
  "late_system_turn",
  "starts_with_reply",
  "repeated_role",
  "ends_without_reply",
  "user_turn_in_reply",
  "several_turn_prompt",
  "several_turn_reply",
  "empty_reply",
  "tools",
  "tool_calls",
  "speaker_names",
  "reasoning",
  "over_two_replies",
  "tied_replies",
] as const;
export type RowTrait = (typeof rowTraits)[number];

const share = z.number().min(0).max(1);

const filterFields = {
  languages: z.array(z.string()).default([]).describe("Prompts in these languages only; empty: all."),
  domains: z.array(z.string()).default([]).describe("Prompts of these domains only; empty: all."),
  sources: z.array(z.string()).default([]).describe("Responses from these sources only; empty: all."),
  raters: z
    .array(z.uuid())
    .default([])
    .describe("Judgements of these raters only, people or models; empty: all that `judges` admits."),
  judges: z
    .enum(["people", "models", "all"])
    .default("people")
    .describe("Whose judgements count where no raters are named."),
  questionId: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      "The question whose votes count, or several that ask the same thing: of those a rater has one vote on a pair, the last. Required where responses were compared under several.",
    ),
  submittedFrom: z.iso.datetime({ offset: true }).optional(),
  submittedTo: z.iso.datetime({ offset: true }).optional(),
  excludeFlagged: z.boolean().default(true).describe("Leave out judgements whose rater raised a flag."),
  without: z
    .array(z.enum(rowTraits))
    .default([])
    .describe(
      "Leave out rows that have one of these, such as rows that a trainer's format cannot hold; GET …/versions/{versionId}/layouts counts them.",
    ),
};

/** Whose judgements a recipe counts. */
export const whoseSchema = z.object({ judges: filterFields.judges, raters: filterFields.raters });

const splitFields = { seed: z.number().int().default(42), train: share, validation: share, test: share };

/** Aggregations by a model of how reliable each rater is; `server/dataset/posterior.ts` fits them. */
export const modelledAggregations = ["dawid_skene", "mace", "crowd_bt"] as const;
const aggregations = ["majority", "all", "weighted", "adjudicated", ...modelledAggregations] as const;
const labelRules = z.enum(["majority", "unanimous"]);
const orderRules = z.enum(["determined", "complete"]);

const recipeFields = {
  filters: exactly("filters", filterFields).prefault({}),
  aggregation: z
    .enum(aggregations)
    .default("majority")
    .describe(
      "majority: one row a pair, most votes win. weighted: votes count by rater weight. all: one row a vote. adjudicated: adjudicated pairs only. dawid_skene, mace, crowd_bt: the most probable outcome by a model of how reliable each rater is, fitted to all votes of the version. An adjudication overrides the votes in all but `all`.",
    ),
  confidence: z
    .enum(["none", "weight", "soft"])
    .default("none")
    .describe(
      "For pairs under dawid_skene, mace or crowd_bt: how their posterior goes into training. none: not at all. weight: the row's weight is P(chosen is better) − P(rejected is better). soft: two rows, one in each direction, whose weights are their probabilities, a tie counting half for each; margin must be none.",
    ),
  raterWeights: z
    .record(z.string(), z.number().min(0))
    .default({})
    .describe("For weighted: the weight of a rater id; 1 where absent."),
  minVotes: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe("Pairs on which fewer raters voted are left out; a rater of weight 0 does not count."),
  minAgreement: share
    .default(0)
    .describe("Pairs whose winner has a smaller share of the votes are left out."),
  minStrength: share
    .default(0)
    .describe(
      "Votes weaker than this do not count; 1 is the end of the scale, and ties and both bad have none.",
    ),
  ties: z
    .enum(["drop", "both"])
    .default("drop")
    .describe("drop: a tied pair gives no row. both: it gives one row in each direction, with margin 0."),
  margin: z
    .enum(["none", "strength", "vote_share"])
    .default("strength")
    .describe(
      "What a row's margin is: the mean signed strength of its votes, the lead in votes, or nothing.",
    ),
  label: labelRules
    .default("majority")
    .describe(
      "For unpaired rows: the one label of a reply, from its comparisons (from its votes, where aggregation is all). majority: good if it won more than it lost, left out if as many. unanimous: left out as soon as two differ.",
    ),
  order: orderRules
    .default("determined")
    .describe(
      "For ranked rows and best replies: which prompts have an order. determined: those whose comparisons leave no two replies open, ordered by a Bradley–Terry model. complete: of those, the ones in which every two replies were compared.",
    ),
  dedupe: z
    .enum(["none", "exact"])
    .default("exact")
    .describe(
      "exact: replies of the same text are one reply, whatever their source, and rows with the same texts appear once; with aggregation all, once a vote.",
    ),
  split: exactly("split", splitFields)
    .refine((parts) => Math.abs(parts.train + parts.validation + parts.test - 1) < 1e-9, {
      message: "train, validation and test must add up to 1.",
    })
    .default({ seed: 42, train: 0.9, validation: 0.05, test: 0.05 })
    .describe("By prompt: all rows of a prompt are in one split, the same for every version with this seed."),
  redTeam: z
    .enum(["none", "rejected"])
    .default("none")
    .describe(
      "What models wrote when they were attacked. none: no row has it. rejected: rows may have it as what is rejected, labelled bad or ranked last, and unpaired rows have the attacks that people found to have succeeded. Under either it is never what is chosen, demonstrated, labelled good, or better than another reply.",
    ),
  sftSources: z
    .array(z.enum(["demonstration", "edit", "best"]))
    .min(1)
    .default(["demonstration", "edit", "best"])
    .describe("For SFT: replies that raters wrote, rewrote, or ranked first."),
};

const anyRecipe = exactly("A recipe", recipeFields);

/** Rules that hold under some aggregations only: set under another, one would silently not hold. */
const boundRules: {
  field: keyof typeof recipeFields;
  isSet: (recipe: z.infer<typeof anyRecipe>) => boolean;
  under: readonly (typeof aggregations)[number][];
}[] = [
  {
    field: "raterWeights",
    isSet: (recipe) => Object.keys(recipe.raterWeights).length > 0,
    under: ["weighted"],
  },
  { field: "minAgreement", isSet: (recipe) => recipe.minAgreement > 0, under: ["majority", "weighted"] },
  {
    field: "minVotes",
    isSet: (recipe) => recipe.minVotes > 1,
    under: ["majority", "weighted", "all", ...modelledAggregations],
  },
  { field: "confidence", isSet: (recipe) => recipe.confidence !== "none", under: modelledAggregations },
];

/** How a version is made from the judgements. The same recipe on the same judgements gives the same sha256. */
export const recipeSchema = anyRecipe
  .superRefine((recipe, context) => {
    for (const { field, isSet, under } of boundRules)
      if (isSet(recipe) && !under.includes(recipe.aggregation))
        context.addIssue({
          code: "custom",
          path: [field],
          message: `${field} holds with aggregation ${under.join(" or ")}, and this recipe's is ${recipe.aggregation}. Leave it out, or change the aggregation.`,
        });
    if (recipe.confidence === "soft" && recipe.margin !== "none")
      context.addIssue({
        code: "custom",
        path: ["margin"],
        message: `margin: the rows of confidence soft go in both directions, and a margin of ${recipe.margin} holds in one. Set margin to none, or confidence to weight.`,
      });
  })
  .prefault({});
export type Recipe = z.infer<typeof recipeSchema>;

/**
 * The recipe of a version that was frozen at any time. Before there were rules for the label of a reply and for the
 * order of replies, unpaired rows had one label a comparison, and replies stood in the order of their Borda counts.
 */
export const storedRecipeSchema = z.object({
  ...recipeFields,
  filters: z.object(filterFields),
  split: z.object(splitFields),
  label: labelRules.optional(),
  order: orderRules.optional(),
});
export type StoredRecipe = z.infer<typeof storedRecipeSchema>;

const conversation = z.array(messageSchema);
const rowBase = {
  /** Stable across versions: the hash of what the row compares. */
  id: z.string(),
  prompt: conversation,
  /** JSON text, as TRL and the chat templates take it. */
  tools: z.string().optional(),
  /** How many raters stand behind the row. */
  annotators: z.number().int(),
  /** What the row counts in training; absent: 1. */
  weight: z.number().min(0).optional(),
};

const preferenceRowSchema = z.object({
  ...rowBase,
  chosen: conversation,
  rejected: conversation,
  margin: z.number().optional(),
});
const sftRowSchema = z.object({ ...rowBase, completion: conversation });
const unpairedRowSchema = z.object({ ...rowBase, completion: conversation, label: z.boolean() });
const rankedRowSchema = z.object({
  ...rowBase,
  completions: z.array(conversation),
  /** 1 is best; equal numbers tie. */
  ranks: z.array(z.number()),
});
/** Rows as TRL, OpenRLHF and Axolotl read them without conversion (TRAINING.md, export formats). */
export const datasetRowSchema = z.union([
  preferenceRowSchema,
  rankedRowSchema,
  unpairedRowSchema,
  sftRowSchema,
]);
export type DatasetRow = z.infer<typeof datasetRowSchema>;
export type PreferenceRow = z.infer<typeof preferenceRowSchema>;
export type RankedRow = z.infer<typeof rankedRowSchema>;
export type UnpairedRow = z.infer<typeof unpairedRowSchema>;
export type SftRow = z.infer<typeof sftRowSchema>;

const counts = z.record(z.string(), z.number().int());
const proportion = z.object({
  of: z.number().int(),
  count: z.number().int(),
  /**
   * The 95 % interval of a share of things of which those of one prompt are not independent, and the prompts that it
   * counts; null where they do not tell. None where nothing was counted, and in versions of a time before it was made.
   */
  interval: z
    .object({ prompts: z.number().int(), low: z.number().nullable(), high: z.number().nullable() })
    .optional(),
});
export type Proportion = z.infer<typeof proportion>;

export const datasetManifestSchema = z.object({
  kind: z.enum(datasetKinds),
  /** Whose votes were counted; none where the rows come from no comparison. Older versions do not say. */
  questions: z.array(z.object({ id: z.string(), label: z.string() })).optional(),
  rows: z.record(z.enum(splits), z.number().int()),
  annotations: z.number().int(),
  raters: z.number().int(),
  prompts: z.number().int(),
  languages: counts,
  domains: counts,
  /** What gave no row, by reason. */
  dropped: counts,
  /** How many rows of a split have which traits, of those known when it was frozen. Older versions do not say. */
  forms: z
    .object({
      known: z.array(z.string()),
      counts: z.array(
        z.object({ split: z.enum(splits), traits: z.array(z.enum(rowTraits)), rows: z.number().int() }),
      ),
    })
    .optional(),
  /** The model of raters that decided, with its parameters and seed, where the recipe asked for one. */
  raterModel: z.string().optional(),
  /** The judges whose judgements count, and what each might when it was frozen. Older versions do not say. */
  judges: z.array(labellingJudgeSchema).optional(),
  /** Why judges count that might not label. */
  despite: z.string().optional(),
  /** Where rows have weights, as how many rows of equal weight they count: (Σw)²/Σw². */
  effectiveRows: z.number().optional(),
  /** Unpaired rows with a good label. */
  positive: proportion,
  /** Of the replies of unpaired rows, labelled or left out, those with a verdict for and one against them. */
  oppositeReplies: proportion.optional(),
  /** Of the texts compared from several sources, those whose sources had opposite verdicts before they were pooled. */
  oppositeTexts: proportion.optional(),
  /** Of the chosen replies, those longer than the rejected one. */
  chosenLonger: proportion,
  /** Of the votes with a winner and a known order, those for the response shown first; also where they gave no row. */
  firstShownWins: proportion,
  /** Of the pairs of votes on the same comparison, those that agree; also where they gave no row. */
  agreement: proportion,
  /** The same beyond chance: Krippendorff's α. Versions of a time before it was computed have none. */
  alpha: measureSchema.optional(),
  /** Characters a reply, in bins that double: bin i holds lengths below 2^(i+4). */
  lengths: z.object({ chosen: z.array(z.number().int()), rejected: z.array(z.number().int()) }),
  /** Of the votes with a winner on a response of a source, those for it. */
  wins: z.record(z.string(), proportion),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
