import { z } from "zod";

/** A repository of the Hugging Face Hub. */
export const repositorySchema = z
  .string()
  .regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/, "Give the repository as owner/name.");

export const modelMethods = ["base", "sft", "reward", "preference", "kto"] as const;

export const modelSourceSchema = z.discriminatedUnion("kind", [
  /** The files of the run that made it, below `model/`. */
  z.object({ kind: z.literal("run") }),
  /** A Hugging Face directory on the workers' machines, below a folder that an admin lists in CONCORD_MODELS. */
  z.object({ kind: z.literal("folder"), path: z.string().min(1).max(1000) }),
  /** A model repository on the Hugging Face Hub, fetched with the stored token of whoever added it. */
  z.object({
    kind: z.literal("hub"),
    repository: repositorySchema,
    // It becomes a part of a path in the cache.
    revision: z
      .string()
      .regex(/^(?!.*\.\.)\w[\w./-]{0,199}$/, "Give a branch, a tag or a commit.")
      .default("main"),
  }),
]);
export type ModelSource = z.infer<typeof modelSourceSchema>;

const count = z.number().int().min(0);

const measuredAt = z.object({ step: z.number().int().min(0), loss: z.number() });

/** The held-out loss at the first evaluation, at the one with the lowest, and of the weights that were kept. */
const lossCourseSchema = z.object({ first: measuredAt, lowest: measuredAt, kept: measuredAt });
export type LossCourse = z.infer<typeof lossCourseSchema>;

/** What the evaluation of a trained model counted, on rows that training did not see. */
export const heldOutSchema = z.object({
  /** Rows that were scored, and those that were left out because they are too long or have nothing to learn. */
  scored: count,
  dropped: count,
  /**
   * Of the `compared` pairs of answers those whose better one the model scores higher; a tie is not right. As many
   * pairs as rows unless rows rank several answers. Absent where rows are no comparisons.
   */
  right: count.optional(),
  compared: count.optional(),
  /** Absent where it was measured once only, and of a time before it was kept. */
  loss: lossCourseSchema.optional(),
});
export type HeldOut = z.infer<typeof heldOutSchema>;

/**
 * What the two models of an evaluation had seen of a prompt: it was held out of a version that one of them, or a model
 * it was made from, learnt from; it is in none of those; or one of them was trained on it.
 */
export const exposures = ["held_out", "new", "trained"] as const;
export type Exposure = (typeof exposures)[number];

/** A comparison that needed nobody, as seen from the evaluated model: one reply is empty, or both are equal. */
const settledSchema = z.object({
  promptId: z.uuid(),
  exposure: z.enum(exposures),
  outcome: z.enum(["won", "lost", "tied"]),
  reason: z.enum(["empty", "equal"]),
});
export type Settled = z.infer<typeof settledSchema>;

export const modelFormats = ["full", "adapter"] as const;
