import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { hazards } from "../../db/shape/harm";
import { attackLevels, attemptStates, redTeamPolicySchema, tactics } from "../../db/shape/red-team";

const level = z.enum(attackLevels);

/** What somebody sets out to do, before they are given a model. */
export const beginAttemptSchema = z
  .object({
    tactic: z.enum(tactics),
    /** The tactic in one's own words: required where it is none of the list. */
    tacticNote: z.string().trim().max(1000).default(""),
    /** A hazard of MLCommons, by its number, or `other`. */
    harm: z.enum(hazards),
    /** What the model is wanted to do. */
    wanted: z.string().trim().min(1).max(2000),
  })
  .refine(({ tactic, tacticNote }) => tactic !== "other" || tacticNote !== "", {
    path: ["tacticNote"],
    error: "Say in words what the tactic is.",
  });

export const byAttempt = z.object({ attemptId: z.uuid() });
export const sayToModelSchema = byAttempt.extend({ text: z.string().trim().min(1).max(20_000) });
export const endAttemptSchema = byAttempt.extend({ claim: level });
export const exposureSchema = z.object({
  /** Seconds since the last word of it in which model text stood unblurred on the screen. */
  seconds: z.number().min(0).max(3600),
});

/** An attempt to whoever makes it: never which model it is. */
export const ownAttemptSchema = z.object({
  id: z.uuid(),
  tactic: z.enum(tactics),
  tacticNote: z.string(),
  harm: z.enum(hazards),
  wanted: z.string(),
  messages: z.array(messageSchema),
  state: z.enum(attemptStates),
  claim: level.nullable(),
  /** Whether a reply is being written. */
  isAwaited: z.boolean(),
  createdAt: z.date(),
});
export type OwnAttempt = z.infer<typeof ownAttemptSchema>;

/** Where somebody stands with the attacks of a project. */
export const standingSchema = z.object({
  /** Whether attacks may be made and judged in this project. */
  isOpen: z.boolean(),
  /** Whether they agreed, to the words that hold now. */
  takesPart: z.boolean(),
  isAway: z.boolean(),
  /** Attempts begun today (UTC), of how many. */
  today: z.number().int(),
  dailyCap: z.number().int(),
  /** Minutes in which model text stood unblurred before them: today, and in the last seven days. */
  minutes: z.object({ today: z.number(), week: z.number() }),
  /** Whether there is a model to attack. */
  hasModels: z.boolean(),
  /** Attempts of others that they could judge. */
  toJudge: z.number().int(),
  open: ownAttemptSchema.nullable(),
});
export type Standing = z.infer<typeof standingSchema>;

/** A piece of a reply as it comes; no word of who writes it. */
export const attackPieceSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("words"), words: z.string() }),
  z.object({ kind: z.literal("end"), finish: z.enum(["stop", "length"]) }),
]);
export type AttackPiece = z.infer<typeof attackPieceSchema>;

/** An attempt to whoever judges it: not who made it, on which model, how, and what they say came of it. */
export const attackToJudgeSchema = z.object({
  attemptId: z.uuid(),
  harm: z.enum(hazards),
  wanted: z.string(),
  messages: z.array(messageSchema),
});
export type AttackToJudge = z.infer<typeof attackToJudgeSchema>;

export const judgeAttackSchema = byAttempt.extend({
  /** Null: rather not. */
  level: level.nullable(),
  note: z.string().trim().max(2000).default(""),
});

export const measuredSchema = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.number().int(),
  reason: z.string().optional(),
});
export type Measured = z.infer<typeof measuredSchema>;

/** A share of things of which those of one prompt are not independent. */
export const shareSchema = z.object({
  count: z.number().int(),
  of: z.number().int(),
  /** Prompts: what is independent. */
  clusters: z.number().int(),
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Share = z.infer<typeof shareSchema>;

export const redTeamResultsSchema = z.object({
  /** Attempts that have ended, and of those the ones that all have judged who are to. */
  attempts: z.object({ ended: z.number().int(), judged: z.number().int() }),
  /** Cohen's κ and the raw share, succeeded or not, of people beside the guard, and beside the attackers themselves. */
  agreement: z.object({
    guard: z.object({ kappa: measuredSchema, raw: measuredSchema, failed: z.number().int() }).nullable(),
    attackers: z.object({ kappa: measuredSchema, raw: measuredSchema }),
    /** Raw agreement of two people who judged one attempt. */
    people: measuredSchema,
  }),
  byTactic: z.array(z.object({ name: z.string(), succeeded: shareSchema })),
  byHarm: z.array(z.object({ name: z.string(), succeeded: shareSchema })),
});
export type RedTeamResults = z.infer<typeof redTeamResultsSchema>;

export const refusalsSchema = z.array(
  z.object({
    modelId: z.uuid(),
    model: z.string(),
    /** Of judged attempts, those in which the model did nothing of what was wanted. */
    attacks: shareSchema,
    /** Of the unsafe prompts of an XSTest-form benchmark, those that were refused. */
    unsafe: shareSchema,
    /** Of its safe prompts, those that were refused. */
    safe: shareSchema,
  }),
);
export type Refusals = z.infer<typeof refusalsSchema>;

/** An attempt that is judged, to those who check the work of others. */
export const judgedAttemptSchema = z.object({
  id: z.uuid(),
  model: z.string(),
  modelId: z.uuid(),
  attacker: z.string(),
  tactic: z.enum(tactics),
  tacticNote: z.string(),
  harm: z.enum(hazards),
  wanted: z.string(),
  messages: z.array(messageSchema),
  claim: level.nullable(),
  /** What most say who judged it; null where as many say one as another. */
  people: level.nullable(),
  judgements: z.array(z.object({ level, note: z.string() })),
  /** Whether the guard says that it succeeded; null where it said nothing. */
  guard: z.boolean().nullable(),
  createdAt: z.date(),
});
export type JudgedAttempt = z.infer<typeof judgedAttemptSchema>;

export const attemptsInputSchema = z.object({
  people: level.optional(),
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A row of an export: marked, so that nobody takes it for what a model should write. */
export const exportedAttemptSchema = judgedAttemptSchema.omit({ attacker: true }).extend({
  redTeam: z.literal(true),
  neverChosen: z.literal(true),
  /** The hazard in the words of the taxonomy that was asked for, and what that loses. */
  categories: z.array(z.object({ code: z.string(), name: z.string(), loses: z.string().nullable() })),
});

export const policyInputSchema = z.object({ policy: redTeamPolicySchema });
export const redTeamSettingsSchema = z.object({
  policy: redTeamPolicySchema,
  /** Who takes part. */
  members: z.number().int(),
  /** Minutes in which model text stood before somebody, all together, in the last seven days. */
  minutes: z.number(),
  /** Ended attempts that the guard has not judged. */
  toGuard: z.number().int(),
});
export type RedTeamSettings = z.infer<typeof redTeamSettingsSchema>;

/** What a run of kind `guard` is asked. */
export const guardSpecSchema = z.object({
  judgeVersionId: z.uuid(),
  /** US dollars that asking may cost; null: no cap. */
  cap: z.number().min(0).max(1_000_000).nullable().default(null),
});
