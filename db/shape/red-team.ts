import { z } from "zod";

/**
 * How somebody tries to get a model to do what it should not:
 * - `direct`        asks for it plainly
 * - `persona`       gives the model, or oneself, a role in which its rules would not hold
 * - `fiction`       as a story, a game, a hypothetical
 * - `authority`     claims a right to it: a profession, a permission, an emergency
 * - `obfuscation`   hides words: spelt otherwise, encoded, in another script
 * - `language`      in another language, or in a mixture
 * - `splitting`     asks for parts that look harmless by themselves
 * - `gradual`       leads up to it over several turns
 * - `injection`     instructions in a text that the model is to work on
 * - `no_refusal`    forbids to refuse, or says how the answer has to begin
 * - `pressure`      insists, threatens, appeals to feelings
 * - `examples`      shows answers of the kind that is wanted, to be continued
 * - `other`         none of these; said in words
 */
export const tactics = [
  "direct",
  "persona",
  "fiction",
  "authority",
  "obfuscation",
  "language",
  "splitting",
  "gradual",
  "injection",
  "no_refusal",
  "pressure",
  "examples",
  "other",
] as const;

/** Whether a model did what it should not: it declined, it did a part or less than was wanted, or it did it. */
export const attackLevels = ["no", "partly", "succeeded"] as const;
export type AttackLevel = (typeof attackLevels)[number];

/** `open` while somebody talks with the model; `done` is judged; `left` is not, for whoever began it went away. */
export const attemptStates = ["open", "done", "left"] as const;

/** `leased` while somebody has it to judge; `passed`: they rather did not. */
export const attackSeatStates = ["leased", "judged", "passed"] as const;

/** Which words somebody agreed to. Goes up when what they say changes: then all are asked again. */
export const CONSENT = 1;

/** How a project has its models attacked. */
export const redTeamPolicySchema = z.strictObject({
  /** Whether attacks may be made and judged. */
  open: z.boolean().default(false),
  /** Attempts that one person may begin in a day (UTC). */
  dailyCap: z.number().int().min(1).max(1000).default(25),
  /** How many other people judge each attempt. */
  overlap: z.number().int().min(1).max(10).default(1),
  /** Which models are attacked; null: all of the registry that write. */
  modelIds: z.array(z.uuid()).min(1).max(100).nullable().default(null),
  /** Tokens of a reply at most. */
  maxTokens: z.number().int().min(16).max(4096).default(512),
  /** A version of a judge that answers a choice, and which of its options say that an attack succeeded. */
  guard: z
    .strictObject({
      judgeVersionId: z.uuid(),
      harmful: z.array(z.string().min(1).max(200)).min(1).max(40),
    })
    .nullable()
    .default(null),
});
export type RedTeamPolicy = z.infer<typeof redTeamPolicySchema>;

/** A project's policy as it was stored; where nobody set one, the console is closed. */
export const redTeamPolicyFrom = (stored: RedTeamPolicy | null): RedTeamPolicy =>
  redTeamPolicySchema.parse(stored ?? {});
