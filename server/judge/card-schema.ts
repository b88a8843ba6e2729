import { z } from "zod";

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

/** What is known of the worth of one version of a judge. */
export const judgeCardSchema = z.object({
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
    /** US dollars in all and a task; null where a reply's is not known. */
    cost: z.number().nullable(),
    costPerTask: z.number().nullable(),
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
});
export type JudgeCard = z.infer<typeof judgeCardSchema>;
