import { z } from "zod";
import { blockReasons, goldPolicySchema, goldSources, goldUses } from "../../db/shape/gold";
import { answersSchema, questionSchema } from "../form/schema";
import { reasonSchema } from "../review/schema";

const whySchema = z.string().trim().min(1, "Say why this is the answer.").max(2000);
const toleranceSchema = z.number().int().min(0).max(10);

/** A known answer as a manager or a program gives it. */
const newGoldSchema = z.object({
  promptId: z.uuid(),
  /** Responses of that prompt; `answers` run over them in this order. */
  responseIds: z.array(z.uuid()).min(1).max(20),
  /** Of the questions whose answers are known, by question id. Texts cannot be compared, and are left out. */
  answers: answersSchema,
  /** Why it is the answer; raters who are told read it. */
  reason: whySchema,
  use: z.enum(goldUses).default("mixed"),
  /** By how many points a rating may differ and still be right. */
  tolerance: toleranceSchema.default(0),
});
export type NewGold = z.infer<typeof newGoldSchema>;

export const createGoldSchema = z.object({ items: z.array(newGoldSchema).min(1).max(500) });

/** Judgements that are there already, as known answers. */
export const adoptGoldSchema = z.object({
  /** Absent: what adjudicators decided. Else what this rater judged, such as an expert of an imported study. */
  raterId: z.uuid().optional(),
  use: z.enum(goldUses).default("mixed"),
  tolerance: toleranceSchema.default(0),
  /** Said where the judgement gives no reason of its own. */
  reason: whySchema,
});

export const madeGoldSchema = z.object({
  created: z.number().int(),
  /** Items of the same responses that were there before; they are left as they are. */
  existing: z.number().int(),
});

export const goldRowSchema = z.object({
  taskId: z.uuid(),
  promptId: z.uuid(),
  excerpt: z.string(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  responses: z.array(z.object({ id: z.uuid(), content: z.string() })),
  use: z.enum(goldUses),
  source: z.enum(goldSources),
  /** In the order of `responses`. */
  answers: answersSchema,
  questions: z.array(questionSchema),
  tolerance: z.number().int(),
  reason: z.string(),
  retiredAt: z.date().nullable(),
  createdAt: z.date(),
  /** Raters who got it, those of them who answered, and those whose first answer was right. */
  given: z.number().int(),
  answered: z.number().int(),
  right: z.number().int(),
});
export type GoldRow = z.infer<typeof goldRowSchema>;

/** How a project deals with known answers, and what there is to deal with. */
export const goldSettingsSchema = z.object({
  policy: goldPolicySchema,
  /** Items that are given out, by use. */
  items: z.record(z.enum(goldUses), z.number().int()),
  /** Adjudications that could become items. */
  adjudications: z.number().int(),
});

export type GoldSettings = z.infer<typeof goldSettingsSchema>;

const shareSchema = z.object({ right: z.number().int(), of: z.number().int() });

/** What known answers say of a rater. First answers alone count. */
export const goldRaterSchema = z.object({
  raterId: z.uuid(),
  /** Of items mixed in among others. Null before the first. */
  accuracy: shareSchema
    .extend({
      /** The posterior mean, and its central 95 %. */
      estimate: z.number(),
      low: z.number(),
      high: z.number(),
      /** The probability that it lies below 70 %. */
      below: z.number(),
    })
    .nullable(),
  attention: shareSchema,
  qualification: shareSchema,
  qualifiedAt: z.date().nullable(),
  /** What the sequential test says so far; null while the project has none. */
  verdict: z.enum(["block", "clear", "undecided"]).nullable(),
  blockedAt: z.date().nullable(),
  blockReason: z.enum(blockReasons).nullable(),
});
export type GoldRater = z.infer<typeof goldRaterSchema>;

/** Whom to pause or to let go on, and why. */
export const pausedSchema = z.object({
  raterId: z.uuid(),
  reason: reasonSchema,
});
