import { z } from "zod";
import {
  askedForms,
  askedWords,
  assemblySchema,
  combinations,
  judgeFailures,
  judgePolicySchema,
  judgeSamplingSchema,
  orderRules,
  rubricSchema,
  settlements,
  verdictForms,
} from "../../db/shape/judge";
import { promptFilterSchema } from "../content/schema";
import { answerSchema } from "../form/schema";
import { cardShareSchema } from "./card-schema";

const settingsSchema = z.object({
  /** Who answers, one of the two: a model elsewhere, or one of the registry. */
  endpointId: z.uuid().nullable().default(null),
  modelId: z.uuid().nullable().default(null),
  /** The question of the form that it answers. */
  questionId: z.string().min(1).max(40),
  /** Absent: the surest that the model can and the rubric lets it. */
  verdictBy: z.enum(askedForms).optional(),
  /** Null for a model that judges by its rewards. */
  rubric: rubricSchema.nullable().default(null),
  sampling: judgeSamplingSchema.prefault({}),
  orders: z.enum(orderRules).default("both"),
  settles: z.enum(settlements).default("strict"),
  /**
   * A word in the names of its own kin: responses whose source has it are not judged. Absent: as the model's name says;
   * null: all are judged.
   */
  family: z.string().trim().min(2).max(80).nullable().optional(),
});

const oneModel = ({ endpointId, modelId }: Pick<z.infer<typeof settingsSchema>, "endpointId" | "modelId">) =>
  (endpointId === null) !== (modelId === null);
const oneModelOnly = "Name either an endpoint or a model of the registry.";

export const newJudgeSchema = settingsSchema
  .extend({ name: z.string().trim().min(1).max(100) })
  .refine(oneModel, oneModelOnly);
export type NewJudge = z.infer<typeof newJudgeSchema>;

export const revisedJudgeSchema = settingsSchema.extend({ judgeId: z.uuid() }).refine(oneModel, oneModelOnly);
export type JudgeSettings = z.infer<typeof settingsSchema>;

const memberIds = z
  .array(z.uuid())
  .min(2)
  .refine((ids) => new Set(ids).size === ids.length, "Name each member once.");

/** What a judge of judges is made of; what follows from people's votes on record is reckoned when it is made. */
const assembledSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("panel"),
    /** Versions of judges that are asked themselves. */
    members: memberIds.max(9),
    combines: z.enum(combinations).default("majority"),
  }),
  z.object({
    kind: z.literal("cascade"),
    /** In the order in which they are asked, the cheapest first. */
    members: memberIds.max(5),
    /** The share of people's votes that verdicts should agree with which stand before the last member is asked. */
    wanted: z.number().min(0.5).max(0.99).default(0.8),
  }),
]);
export type Assembled = z.infer<typeof assembledSchema>;

const settlesSchema = z.enum(settlements).default("strict");

export const assemblyPlanInputSchema = z.object({ assembled: assembledSchema, settles: settlesSchema });
export type AssemblyPlanInput = z.infer<typeof assemblyPlanInputSchema>;

export const newAssemblySchema = z.object({
  name: z.string().trim().min(1).max(100),
  assembled: assembledSchema,
  settles: settlesSchema,
});
export type NewAssembly = z.infer<typeof newAssemblySchema>;

export const revisedAssemblySchema = z.object({
  judgeId: z.uuid(),
  assembled: assembledSchema,
  settles: settlesSchema,
});
export type RevisedAssembly = z.infer<typeof revisedAssemblySchema>;

/** What people's votes say of the members of a judge of judges, and what it would make of that. */
export const assemblyPlanSchema = z.object({
  /** What is in the way, in words; null: nothing. */
  problem: z.string().nullable(),
  members: z.array(
    z.object({
      judgeVersionId: z.uuid(),
      name: z.string(),
      version: z.number().int(),
      /** Comparisons that it judged beside people and was not trained on. */
      items: z.number().int(),
      /** By which its probabilities are brought to what people bear out; null: too few comparisons, they count as given. */
      slope: z.number().nullable(),
      /** Of a cascade's member that is not the last: from which sureness on it settles, and what is known of that. */
      settles: z
        .object({
          /** Null: no set of its surest verdicts is sure to agree as wanted. */
          threshold: z.number().nullable(),
          settled: z.number().int(),
          of: z.number().int(),
          right: cardShareSchema,
        })
        .nullable(),
    }),
  ),
});
export type AssemblyPlan = z.infer<typeof assemblyPlanSchema>;

/** US dollars that asking may cost; null: no cap. */
const capSchema = z.number().min(0).max(1_000_000).nullable().default(null);

/** Settings of a judge that is not made yet, and tasks to try them on. */
const draftFields = {
  settings: settingsSchema.refine(oneModel, oneModelOnly),
  /** Which ten: another seed draws others. */
  seed: z.number().int().min(0).max(1_000_000).default(0),
};
export const judgeDraftSchema = z.object(draftFields);
export type JudgeDraft = z.infer<typeof judgeDraftSchema>;
export type JudgeDraftInput = z.input<typeof judgeDraftSchema>;
export const judgeTrySchema = z.object({
  ...draftFields,
  cap: capSchema,
});
export type JudgeTry = z.infer<typeof judgeTrySchema>;

const judgeVersionSchema = z.object({
  id: z.uuid(),
  judgeId: z.uuid(),
  name: z.string(),
  version: z.number().int(),
  /** Who its annotations are of. */
  raterId: z.uuid(),
  endpoint: z.object({ id: z.uuid(), name: z.string(), model: z.string() }).nullable(),
  model: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Of a judge of judges, which is answered by neither: what it is made of. */
  assembly: assemblySchema.nullable(),
  /** Its members, in their order; empty of a judge that is asked itself. */
  members: z.array(
    z.object({
      id: z.uuid(),
      judgeId: z.uuid(),
      name: z.string(),
      version: z.number().int(),
      endpointId: z.uuid().nullable(),
      modelId: z.uuid().nullable(),
      /** A word in the names of its own kin: it sits out where one of them is compared. */
      family: z.string().nullable(),
    }),
  ),
  questionId: z.string(),
  formVersionId: z.uuid(),
  verdictBy: z.enum(verdictForms),
  /** The words around the rubric: a version that was asked in others than today's judges no more. */
  wording: z.number().int(),
  rubric: rubricSchema.nullable(),
  sampling: judgeSamplingSchema,
  orders: z.enum(orderRules),
  settles: z.enum(settlements),
  family: z.string().nullable(),
  createdAt: z.date(),
});
/** What decides what a version says. What it said is counted where versions are listed alone. */
export type JudgeVersion = z.infer<typeof judgeVersionSchema>;

const listedVersionSchema = judgeVersionSchema.extend({
  /** Tasks with a judgement of this version. */
  judged: z.number().int(),
  /** Replies that were asked for, and of those the ones without a verdict. */
  asked: z.number().int(),
  failed: z.number().int(),
});
export type ListedVersion = z.infer<typeof listedVersionSchema>;

/** A judge with its versions, newest first. */
export const judgeSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  createdAt: z.date(),
  archivedAt: z.date().nullable(),
  versions: z.array(listedVersionSchema),
});
export type Judge = z.infer<typeof judgeSchema>;

export const chosenJudgeSchema = z.object({ judgeId: z.uuid() });
export const chosenVersionSchema = z.object({ judgeVersionId: z.uuid() });
export const createdVersionSchema = chosenJudgeSchema.extend(chosenVersionSchema.shape);

/** Which tasks. Of those that the version answers already, and of golden ones, it judges none. */
export const judgeFilterSchema = promptFilterSchema.extend({
  /** Only tasks that people have judged, or that they have not. */
  judged: z.enum(["by_people", "not_by_people"]).optional(),
  evaluationId: z.uuid().optional(),
  /** Tasks alone that another version was asked about. */
  besideVersion: z.uuid().optional(),
  /** Another seed draws others where there are more than the limit. */
  seed: z.number().int().min(0).max(1_000_000).default(0),
  /** So many of them, drawn by a hash of the task: the same for each judge. */
  limit: z.number().int().min(1).max(50_000).default(1000),
});
export type JudgeFilter = z.infer<typeof judgeFilterSchema>;

/** Tasks of a try. */
export const TEN = 10;

const aimSchema = chosenVersionSchema.extend({
  filter: judgeFilterSchema.prefault({}),
  /** `paraphrases`: once more about tasks that it has judged, in other words; no verdict changes by it. */
  words: z.enum(askedWords).default("rubric"),
});
export const judgeEstimateInputSchema = aimSchema;

export const judgeEstimateSchema = z.object({
  /** Tasks that would be judged. */
  tasks: z.number().int(),
  /** Tasks that the filter admits, but with a response of the judge's own family. */
  barred: z.number().int(),
  /** Replies that they take: tasks × orders × samples, less those that are there. */
  calls: z.number().int(),
  /** Tokens of the prompts, likely; from a sample of the tasks. Null for a model of the registry. */
  input: z.number().nullable(),
  /** Tokens of the replies, at most; without those of replies that have to be asked for their verdict once more. */
  output: z.number().nullable(),
  /** US dollars for these at most; null where the endpoint's prices are not known. 0 for a model of the registry. */
  cost: z.number().nullable(),
});
export type JudgeEstimate = z.infer<typeof judgeEstimateSchema>;

export const judgeRunSchema = aimSchema.extend({
  cap: capSchema,
});
export type JudgeRun = z.infer<typeof judgeRunSchema>;

/** What a run of kind `judge` came to. */
export const judgeResultSchema = z.object({
  judgeId: z.uuid(),
  /** Replies with a verdict and without, the latter also by their reason. */
  verdicts: z.number().int(),
  failed: z.number().int(),
  failures: z.partialRecord(z.enum(judgeFailures), z.number().int()),
  /** Tasks that are judged now and were not before. */
  judged: z.number().int(),
  /** Replies that were not asked for, and why. */
  left: z.number().int(),
  why: z.enum(["cap", "stopped"]).nullable(),
  /** US dollars; null where tokens or prices are not known. */
  cost: z.number().nullable(),
});
export type JudgeResult = z.infer<typeof judgeResultSchema>;

/** What a try showed; nothing of it is stored as a judgement. */
export const judgeTryResultSchema = z.object({
  items: z.array(
    z.object({
      taskId: z.uuid(),
      excerpt: z.string(),
      /** What people answered, each by themselves, in canonical order. */
      people: z.array(answerSchema),
      said: z.array(
        z.object({
          order: z.array(z.number().int()),
          answer: answerSchema.nullable(),
          p: z.number().nullable(),
          failure: z.enum(judgeFailures).nullable(),
          /** Its words, or why there is no verdict. */
          words: z.string(),
        }),
      ),
      /** What the verdicts come to by its rule; null where they settle nothing or some are missing. */
      settled: answerSchema.nullable(),
    }),
  ),
  why: z.enum(["cap", "stopped"]).nullable(),
  /** US dollars; null where tokens or prices are not known. */
  cost: z.number().nullable(),
});
export type JudgeTryResult = z.infer<typeof judgeTryResultSchema>;

/** Which model stands in for that of a version, on the tasks that the version was asked about and people judged. */
export const successorSchema = chosenVersionSchema
  .extend({
    ...settingsSchema.pick({ endpointId: true, modelId: true }).shape,
    cap: capSchema,
  })
  .refine(oneModel, oneModelOnly);
export type Successor = z.infer<typeof successorSchema>;

export const verdictSchema = z.object({
  id: z.uuid(),
  taskId: z.uuid(),
  promptId: z.uuid(),
  excerpt: z.string(),
  /** What was shown: position i is canonical response order[i]. */
  order: z.array(z.number().int()),
  sample: z.number().int(),
  /** 0: in the words of the rubric; n: in those of its nth paraphrase, which count for no verdict. */
  wording: z.number().int(),
  /** In canonical order. */
  answer: answerSchema.nullable(),
  p: z.number().nullable(),
  mass: z.number().nullable(),
  failure: z.enum(judgeFailures).nullable(),
  reason: z.string().nullable(),
  reply: z.string().nullable(),
  reasoning: z.string().nullable(),
  model: z.string().nullable(),
  input: z.number().nullable(),
  output: z.number().nullable(),
  cost: z.number().nullable(),
  ms: z.number().nullable(),
  attempts: z.number().int(),
  createdAt: z.date(),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const verdictsInputSchema = chosenVersionSchema.extend({
  only: z.enum(["answered", "failed"]).optional(),
  taskId: z.uuid().optional(),
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const judgePolicyInputSchema = z.object({ policy: judgePolicySchema });

export const judgeListInputSchema = z.object({
  /** Those in use, or also those that were taken out of it. */
  which: z.enum(["in_use", "all"]).default("in_use"),
});
