import { z } from "zod";

/** How replies are drawn; the names are those of transformers. */
const samplingSchema = z
  .object({
    max_new_tokens: z.number().int().min(1).max(4096).default(256),
    do_sample: z.boolean().default(false),
    temperature: z.number().positive().max(5).default(1),
    top_p: z.number().positive().max(1).default(1),
    top_k: z.number().int().min(0).default(0),
    seed: z.number().int().min(0).default(42),
  })
  .prefault({});

/** Draws at a temperature; at 0 the most probable token, always. */
export const sampledAt = (temperature: number) =>
  temperature > 0 ? { do_sample: true, temperature } : { do_sample: false };

/** New responses of a model to prompts of the project. */
export const generateSpecSchema = z.object({
  modelId: z.uuid(),
  /** The first prompts of the project that the model has not answered. */
  prompts: z.number().int().min(1).max(10_000).default(100),
  sampling: samplingSchema,
});

/** Rewards for all responses of the project that the model has not scored. */
export const scoreSpecSchema = z.object({ modelId: z.uuid() });

/** A blind comparison by the experts of a model with an opponent, usually the one it was trained from. */
export const evaluateSpecSchema = z.object({
  modelId: z.uuid(),
  opponentId: z.uuid(),
  /** Held-out ones first, then those in none of the versions behind the models, last those they were trained on. */
  prompts: z.number().int().min(1).max(1000).default(50),
  /** Raters a comparison. */
  overlap: z.number().int().min(1).max(20).default(1),
  /** Whose votes count: needed where a form compares two responses under several questions. */
  questionId: z.string().optional(),
  sampling: samplingSchema,
});
export type EvaluateSpec = z.infer<typeof evaluateSpecSchema>;

export const chatSpecSchema = z.object({
  modelIds: z.array(z.uuid()).min(1).max(2),
  /** One conversation a model: each model answers its own history. */
  conversations: z
    .array(
      z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string().min(1) })).min(1),
    )
    .min(1)
    .max(2),
  sampling: samplingSchema,
});

export const evaluationSchema = z.object({
  id: z.uuid(),
  model: z.object({ id: z.uuid(), name: z.string() }),
  opponent: z.object({ id: z.uuid(), name: z.string() }),
  runId: z.uuid().nullable(),
  createdAt: z.date(),
  tasks: z.number().int(),
  /** Judgements still wanted. */
  waiting: z.number().int(),
  /** The question whose votes are counted; null where none was named and nobody voted yet. */
  questionId: z.string().nullable(),
  /** Votes of people and comparisons that needed nobody, together. */
  won: z.number().int(),
  lost: z.number().int(),
  tied: z.number().int(),
  bothBad: z.number().int(),
  /** Of these, what needed nobody: `lost` by the model's empty reply, `won` over the opponent's, `tied` by equal replies. */
  withoutPeople: z.object({ won: z.number().int(), lost: z.number().int(), tied: z.number().int() }),
  /** Prompts that one of the models could not read: in no other number here. */
  unanswered: z.number().int(),
  /** Of the compared prompts, those that a version behind the models holds out, has not, or trained one of them. */
  prompts: z.object({
    heldOut: z.number().int(),
    new: z.number().int(),
    trained: z.number().int(),
    unknown: z.number().int(),
  }),
  /** The share of prompts on which the model wins, a tie and both bad half; the 95 % interval counts prompts. */
  winRate: z.object({
    estimate: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    method: z.enum(["sandwich", "wilson"]).nullable(),
    n: z.number().int(),
    prompts: z.number().int(),
    reason: z.string().optional(),
  }),
  /** Prompts that would tell this win rate from ½, were it the true one; null where it is ½ or nothing was compared. */
  toSettle: z.number().int().nullable(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** A pair on which the experts and a reward model differ. */
export const disagreementSchema = z.object({
  taskId: z.uuid(),
  promptId: z.uuid(),
  prompt: z.string(),
  preferred: z.object({ id: z.uuid(), excerpt: z.string(), reward: z.number() }),
  other: z.object({ id: z.uuid(), excerpt: z.string(), reward: z.number() }),
  votes: z.number().int(),
  /** How much more the model gives the reply that the experts like less. */
  gap: z.number(),
});

export const rankedResponseSchema = z.object({
  id: z.uuid(),
  source: z.string().nullable(),
  excerpt: z.string(),
  reward: z.number(),
});
