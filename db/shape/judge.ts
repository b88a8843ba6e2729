import { z } from "zod";

/**
 * How a judge's verdict is read:
 * - `logprobs` from how probable the model finds each label as its first token
 * - `schema`   from a reply that keeps to a JSON schema
 * - `tool`     from the arguments of a tool that it must call
 * - `marker`   from the text, which ends with the verdict in double brackets
 * - `reward`   from the rewards of the responses, without a word
 */
export const verdictForms = ["logprobs", "schema", "tool", "marker", "reward"] as const;
export type VerdictForm = (typeof verdictForms)[number];

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

/** `both`: the responses as they are and turned round; `one`: in an order that a hash of the task draws. */
export const orderRules = ["both", "one"] as const;

/**
 * What verdicts on one task come to.
 * - `strict` a win needs every order (MT-Bench); where they disagree it is a tie, and where no tie is offered nothing
 * - `soft`   the mean probability decides
 */
export const settlements = ["strict", "soft"] as const;
export type Settlement = (typeof settlements)[number];
