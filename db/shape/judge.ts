import { z } from "zod";

/**
 * How a judge's verdict is read:
 * - `logprobs` from how probable the model finds each label as its first token
 * - `schema`   from a reply that keeps to a JSON schema
 * - `tool`     from the arguments of a tool that it must call
 * - `marker`   from the text, which ends with the verdict in double brackets
 * - `reward`   from the rewards of the responses, without a word
 */
export const askedForms = ["logprobs", "schema", "tool", "marker", "reward"] as const;
/** And `members`: from what other judges say, of a panel or cascade of them. */
export const verdictForms = [...askedForms, "members"] as const;
export type VerdictForm = (typeof verdictForms)[number];
export type AskedForm = (typeof askedForms)[number];

/**
 * Why there is no verdict. None of these is a tie or a loss.
 * - `refused`       the model declined
 * - `filtered`      its provider withheld the reply
 * - `unparsed`      the reply says no verdict
 * - `truncated`     it was cut before its end
 * - `contradictory` it says several verdicts
 * - `error`         there is no reply
 */
export const judgeFailures = [
  "refused",
  "filtered",
  "unparsed",
  "truncated",
  "contradictory",
  "error",
] as const;
export type JudgeFailure = (typeof judgeFailures)[number];

export const rubricSchema = z.object({
  /** What is judged by, in the project's own words. */
  criteria: z.string().trim().min(1).max(20_000),
  /** Whether reasons are asked for, before the verdict. */
  explains: z.boolean().default(false),
  /** Whether it says by how much, where the question has degrees. */
  degrees: z.boolean().default(false),
  /** The entry of a prompt's metadata that holds a reference answer; null: there is none. */
  reference: z.string().trim().min(1).max(200).nullable().default(null),
  /** The criteria in other words: how much of a verdict hangs on the words shows where it is asked in these too. */
  paraphrases: z.array(z.string().trim().min(1).max(20_000)).max(5).optional(),
});
export type Rubric = z.infer<typeof rubricSchema>;

export const judgeSamplingSchema = z.object({
  /** 0: the likeliest token each time. */
  temperature: z.number().min(0).max(2).default(0),
  seed: z.number().int().min(0).max(2_147_483_647).default(1),
  /** Of the reply, at most; what a model thinks before it answers counts. */
  maxTokens: z.number().int().min(1).max(32_000).default(1024),
  /** How often the same is asked in each order. */
  samples: z.number().int().min(1).max(20).default(1),
});
export type JudgeSampling = z.infer<typeof judgeSamplingSchema>;

/** In which words a version is asked: those of its rubric, which give its verdict, or those of each paraphrase. */
export const askedWords = ["rubric", "paraphrases"] as const;
export type AskedWords = (typeof askedWords)[number];

/** `both`: the responses as they are and turned round; `one`: in an order that a hash of the task draws. */
export const orderRules = ["both", "one"] as const;

/**
 * What verdicts on one task come to.
 * - `strict` a win needs every order (MT-Bench); where they disagree it is a tie, and where no tie is offered nothing
 * - `soft`   the mean probability decides
 */
export const settlements = ["strict", "soft"] as const;
export type Settlement = (typeof settlements)[number];

/**
 * What the members of a panel come to in one order.
 * - `majority` what most of them say, by the question's own rule for several answers; how probable it is that the first
 *   is better is the share of members that say so, a tie half
 * - `mean`     the mean of their calibrated probabilities decides
 */
export const combinations = ["majority", "mean"] as const;

const members = z
  .array(z.uuid())
  .min(2)
  .refine((ids) => new Set(ids).size === ids.length, "Each member once.");

/** Of each member: its probabilities are brought to σ(slope·logit p), as people bear them out; 1: as it gives them. */
const slope = z.number().min(0);

/** A judge that is made of versions of other judges, which are asked as themselves: what they say is theirs too. */
export const assemblySchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("panel"),
    members: members.max(9),
    combines: z.enum(combinations),
    slopes: z.array(slope),
  }),
  z.object({
    kind: z.literal("cascade"),
    /** In the order in which they are asked. */
    members: members.max(5),
    /** The share of people's votes that what is settled early should agree with. */
    wanted: z.number().min(0.5).max(1),
    /**
     * Of each member but the last: how sure it must be, |2p − 1| of the mean of its calibrated probabilities, for its
     * verdict to stand.
     */
    thresholds: z.array(z.number().min(0).max(1)),
    slopes: z.array(slope),
  }),
]);
export type Assembly = z.infer<typeof assemblySchema>;

/**
 * What a judge may be used for, each with what stands before it:
 * - `advise`  its verdicts and its card are shown, and decide nothing
 * - `presort` how unsure it is may decide which tasks people get first; people still judge them all
 * - `label`   its judgements may stand beside people's, or for them, in a dataset whose recipe asks for models
 */
export const judgeRoles = ["advise", "presort", "label"] as const;
export type JudgeRole = (typeof judgeRoles)[number];

/** A judge whose judgements a recipe would count, and whether it may label. */
export const labellingJudgeSchema = z.object({
  judgeVersionId: z.uuid(),
  judgeId: z.uuid(),
  raterId: z.uuid(),
  /** With its version: "Helpfulness v2". */
  name: z.string(),
  role: z.enum(judgeRoles),
  /** What it lacks to label, in words; empty where it may. */
  lacks: z.string(),
});
export type LabellingJudge = z.infer<typeof labellingJudgeSchema>;

const share = z.number().min(0).max(1);
const coefficient = z.number().min(-1).max(1).nullable();

/** What a project asks of a judge before it may more than advise, and which judge orders its queue. */
export const judgePolicySchema = z
  .strictObject({
    /** Comparisons, or other items, that it must have judged beside people and was not trained on. */
    items: z.number().int().min(2).max(100_000).default(100),
    /** Beyond chance by Cohen's κ or by Gwet's AC. */
    measure: z.enum(["kappa", "ac"]).default("kappa"),
    /** Agreement with a person that the lower end of the 95 % interval must reach; null: no judge may. */
    presort: coefficient.default(0.2),
    label: coefficient.default(0.4),
    /** Of what it judged in both orders, the share with the same verdict: the lower end too. */
    consistency: share.default(0.6),
    /** Replies without a verdict, of all, at most. */
    failures: share.default(0.02),
    /** The version whose uncertainty orders the queue, where it may; null: none. */
    queueBy: z.uuid().nullable().default(null),
  })
  .refine(({ presort, label }) => label === null || (presort !== null && label >= presort), {
    path: ["label"],
    error: "To label asks for at least as much agreement as to pre-sort.",
  });
export type JudgePolicy = z.infer<typeof judgePolicySchema>;

/** A project's policy as it was stored; where nobody set one, 100 items, κ 0.2 to pre-sort and 0.4 to label. */
export const judgePolicyFrom = (stored: JudgePolicy | null): JudgePolicy =>
  judgePolicySchema.parse(stored ?? {});
