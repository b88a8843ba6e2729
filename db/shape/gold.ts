import { z } from "zod";

/**
 * What an item with a known answer is for:
 * - `mixed`         given out among other tasks, unannounced; tells how often a rater is right
 * - `attention`     the same, and so plain that a wrong answer says it was not read; counted by itself
 * - `qualification` one of the tasks that a rater has to pass before the first other one
 */
export const goldUses = ["mixed", "attention", "qualification"] as const;

/** Whose the known answer is: made here by a manager, decided by an adjudicator, or given by a rater who is trusted. */
export const goldSources = ["manager", "adjudication", "rater"] as const;

/** Why a rater gets no seats: the test of their answers said so, the qualification was not passed, or a manager did. */
export const blockReasons = ["accuracy", "qualification", "manager"] as const;

const share = z.number().min(0).max(1);

/** How a project deals with known answers. Absent parts are off. */
export const goldPolicySchema = z.strictObject({
  /** The share of tasks given out that have a known answer. */
  rate: share.max(0.5).default(0),
  /** Whether a rater is told afterwards that the answer was known, and what it is. */
  feedback: z.boolean().default(false),
  /** Before the first task: `pass` of `items` right, in one of `1 + retries` attempts. */
  qualification: z
    .strictObject({
      items: z.number().int().min(1).max(100),
      pass: z.number().int().min(1).max(100),
      retries: z.number().int().min(0).max(5),
    })
    .refine(({ items, pass }) => pass <= items, { path: ["pass"], error: "At most as many as are asked." })
    .nullable()
    .default(null),
  /** Wald's sequential test of a bad rater against a good one; see statistics/gold. */
  blocking: z
    .strictObject({
      /** How often a good rater is right, and a bad one. */
      good: share.gt(0.01).lt(1),
      bad: share.gt(0).lt(0.99),
      /** The chance that a good rater is blocked, and that a bad one is not. */
      alpha: share.min(0.0001).max(0.5),
      beta: share.min(0.0001).max(0.5),
    })
    .refine(({ good, bad }) => bad < good, {
      path: ["bad"],
      error: "The good rater must be right more often than the bad one.",
    })
    .nullable()
    .default(null),
});
export type GoldPolicy = z.infer<typeof goldPolicySchema>;

/** Nothing is known beforehand, and nobody is tested. */
const none = goldPolicySchema.parse({});

/** A project's policy as it is stored: null where nobody made one. */
export const policyFrom = (stored: GoldPolicy | null): GoldPolicy => stored ?? none;
