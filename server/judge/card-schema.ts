import { z } from "zod";
import { judgeRoles } from "../../db/shape/judge";

/** A figure with its 95 % interval; null where there is none, and why. */
const estimateSchema = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The prompts that the interval counts. */
  n: z.number().int(),
  method: z.string(),
  reason: z.string().optional(),
});
export type CardEstimate = z.infer<typeof estimateSchema>;

/** A share with its 95 % interval, clustered by prompt. */
export const cardShareSchema = z.object({
  count: z.number(),
  of: z.number(),
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The prompts that the interval counts. */
  clusters: z.number().int(),
});
export type CardShare = z.infer<typeof cardShareSchema>;

const besideSchema = z.object({
  judge: estimateSchema,
  people: estimateSchema,
  /** Judge less people. */
  gap: estimateSchema,
});

export const besidePeopleSchema = z.object({
  /** Items that at least one person judged too. */
  items: z.number().int(),
  kappa: estimateSchema,
  ac: estimateSchema,
  /** On the items alone that two people or more judged: the judge and a person, and two persons. */
  shared: z.object({ items: z.number().int(), kappa: besideSchema, ac: besideSchema }),
});

/** A language or domain, and how the judge does in it. */
const sliceSchema = z.object({
  by: z.enum(["language", "domain"]),
  value: z.string(),
  items: z.number().int(),
  kappa: estimateSchema,
  people: estimateSchema,
  consistency: cardShareSchema,
});

const pairsSchema = z.object({
  items: z.number().int(),
  prompts: z.number().int(),
  besidePeople: besidePeopleSchema,
  /** The same without prompts that the judge was trained on; null where there are none of these, or nobody knows. */
  unseen: besidePeopleSchema.nullable(),
  trainedOn: z.number().int(),
  reliability: z.object({
    isGraded: z.boolean(),
    bins: z.array(z.object({ confidence: z.number(), right: cardShareSchema, items: z.number().int() })),
    error: z.number().nullable(),
    byChance: z.number().nullable(),
    overconfidence: estimateSchema,
    items: z.number().int(),
  }),
  sway: z.object({
    consistency: cardShareSchema,
    consistencyByChance: z.number().nullable(),
    first: cardShareSchema,
    longer: cardShareSchema,
    longerThanPeople: estimateSchema,
    retest: cardShareSchema,
  }),
  cycles: cardShareSchema,
  slices: z.array(sliceSchema),
  findings: z.array(z.object({ weight: z.enum(["wrong", "warning", "good"]), text: z.string() })),
});

/** What is known of the worth of one version of a judge, as it is reckoned from verdicts and votes. */
export const reckonedCardSchema = z.object({
  judgeVersionId: z.uuid(),
  judgeId: z.uuid(),
  version: z.number().int(),
  question: z.object({ id: z.string(), label: z.string() }),
  /** Tasks that it was asked about, and those of which all replies hold a verdict. */
  tasks: z.number().int(),
  judged: z.number().int(),
  /** Replies that were asked for, and those without a verdict, by reason. */
  failures: z.object({
    asked: z.number().int(),
    failed: z.number().int(),
    by: z.record(z.string(), z.number().int()),
    rate: z.object({ share: z.number(), low: z.number(), high: z.number() }).nullable(),
  }),
  /** Verdicts by log-probabilities whose labels held less than half of the probability. */
  offLabels: cardShareSchema,
  effort: z.object({
    /** US dollars of the replies whose cost is known, in all and a task; null where none is. At least so much, where `unpriced` is above 0. */
    cost: z.number().nullable(),
    costPerTask: z.number().nullable(),
    /** Replies whose cost nobody knows. */
    unpriced: z.number().int(),
    /** Milliseconds of a reply: the middle one, and what nine in ten stay below. */
    median: z.number().nullable(),
    ninth: z.number().nullable(),
  }),
  /** Of comparisons; null for a question that compares nothing. */
  pairs: pairsSchema.nullable(),
  /** Of other scales, by what is asked. */
  scales: z.array(
    z.object({
      label: z.string(),
      isOrdered: z.boolean(),
      besidePeople: besidePeopleSchema,
      unseen: besidePeopleSchema.nullable(),
      trainedOn: z.number().int(),
      consistency: cardShareSchema,
      retest: cardShareSchema,
    }),
  ),
  /** The version before on the same tasks alone; null for a first version, one of another question, and where they share no task. */
  before: z
    .object({
      version: z.number().int(),
      items: z.number().int(),
      same: cardShareSchema,
      kappa: estimateSchema,
      kappaBefore: estimateSchema,
    })
    .nullable(),
  /** In other words: the share of replies that say another thing than in the words of the rubric; null where none was asked. */
  paraphrased: z
    .object({
      flips: cardShareSchema,
      /** Of each paraphrase that the rubric states, in their order. */
      by: z.array(z.object({ text: z.string(), flips: cardShareSchema })),
    })
    .nullable(),
  /** Of a judge of judges: each member on the same tasks alone; empty of one that is asked itself. */
  members: z.array(
    z.object({
      judgeVersionId: z.uuid(),
      judgeId: z.uuid(),
      name: z.string(),
      version: z.number().int(),
      /** Comparisons that both judged, and how often they say the same. */
      items: z.number().int(),
      same: cardShareSchema,
      /** With people, of the member and of the whole on these. */
      kappa: estimateSchema,
      kappaOfAll: estimateSchema,
      consistency: cardShareSchema,
      /** Tasks that it was asked about, and those on which its verdict is that of a cascade. */
      asked: z.number().int(),
      decided: z.number().int().nullable(),
      /** US dollars of its replies, a task that it was asked about; null where one's cost is not known. */
      costPerTask: z.number().nullable(),
    }),
  ),
});
export type ReckonedCard = z.infer<typeof reckonedCardSchema>;

/** What a judge may by its card and the project's policy, and why. */
const standingSchema = z.object({
  role: z.enum(judgeRoles),
  steps: z.array(
    z.object({
      role: z.enum(judgeRoles).exclude(["advise"]),
      requirements: z.array(z.object({ text: z.string(), met: z.boolean() })),
    }),
  ),
  /** The most that it might before and may no longer, since its card or the policy changed; null: nothing. */
  lost: z.object({ role: z.enum(judgeRoles), at: z.date() }).nullable(),
});

export const judgeCardSchema = reckonedCardSchema.extend({ standing: standingSchema });
export type JudgeCard = z.infer<typeof judgeCardSchema>;
