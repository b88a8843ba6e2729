import { z } from "zod";
import { textKinds } from "../../db/shape/meaning";
import { runStatuses } from "../../db/shape/run-kinds";

/** Tokens of a text that are read: what a text is about stands in its beginning, and time grows with every token. */
export const TOKENS_READ = 512;

/** Texts on a map: more are more than a browser draws at once, and than a person tells apart. */
export const MOST_ON_MAP = 50_000;

export const textKindSchema = z.enum(textKinds);

export const embedSpecSchema = z.object({ modelId: z.uuid() });

/** What the texts are to mean most nearly the same as. */
const likeSchema = z.union([
  z.strictObject({ words: z.string().trim().min(1).max(4000) }),
  z.strictObject({ promptId: z.uuid(), responseId: z.uuid().optional() }),
]);

export const searchSpecSchema = z.object({
  modelId: z.uuid(),
  of: textKindSchema.default("prompts"),
  like: likeSchema,
  limit: z.number().int().min(1).max(500).default(100),
});
export type SearchSpec = z.infer<typeof searchSpecSchema>;

/** What a search finds: of a text that is gone meanwhile nothing is shown. */
export const searchResultSchema = z.object({
  found: z.array(
    z.object({ promptId: z.uuid(), responseId: z.uuid().nullable(), similarity: z.number().min(-1).max(1) }),
  ),
});

const textsSchema = z.object({ prompts: z.number().int(), responses: z.number().int() });

/** How many texts a project has, and how many of them each model has read. */
export const meaningStandingSchema = z.object({
  texts: textsSchema,
  models: z.array(
    textsSchema.extend({
      modelId: z.uuid(),
      name: z.string(),
      /** The run that reads what it has not read, if there is one now. */
      runId: z.uuid().nullable(),
    }),
  ),
});
export type MeaningStanding = z.infer<typeof meaningStandingSchema>;

/** The beginning of a text, and what is known of its prompt. */
export const shownTextSchema = z.object({
  promptId: z.uuid(),
  responseId: z.uuid().nullable(),
  /** The beginning of the text. */
  excerpt: z.string(),
  /** Those of its prompt. */
  language: z.string().nullable(),
  domain: z.string().nullable(),
  /** Tasks of its prompt. */
  tasks: z.number().int(),
});

/** A text found by its meaning. */
const foundTextSchema = shownTextSchema.extend({
  similarity: z
    .number()
    .describe("Cosine of the embeddings, each dimension standardised over the texts of the project."),
});

export const foundSchema = z.object({
  status: z.enum(runStatuses),
  /** Why it failed. */
  error: z.string().nullable(),
  /** The most alike first; null until the search is over. */
  items: z.array(foundTextSchema).nullable(),
});

export const mapInputSchema = z.object({ modelId: z.uuid(), of: textKindSchema.default("prompts") });

/** A value of each text, by its place among those that occur; −1: it has none. */
const categoriesSchema = z.object({ values: z.array(z.string()), of: z.array(z.number().int()) });
export type Categories = z.infer<typeof categoriesSchema>;

/** Texts on a plane, near where a model reads them alike: a list a column, for there may be many. */
export const textMapSchema = z.object({
  /** Texts of this kind that the model has read; those that were not drawn are read since, or more than fit. */
  read: z.number().int(),
  promptIds: z.array(z.uuid()),
  /** Null on a map of prompts. */
  responseIds: z.array(z.uuid()).nullable(),
  /** From −1 to 1. */
  x: z.array(z.number()),
  y: z.array(z.number()),
  language: categoriesSchema,
  domain: categoriesSchema,
  source: categoriesSchema,
  agreement: z
    .array(z.number().nullable())
    .describe("Of the pairs of the prompt with two votes or more, the least share behind one outcome."),
  /** On a map of responses what the newest reward model says that scored some; empty where there is none. */
  score: z.array(z.number().nullable()),
  scoredBy: z.string().nullable(),
});
export type TextMap = z.infer<typeof textMapSchema>;

export const textsInputSchema = z.object({
  texts: z
    .array(z.object({ promptId: z.uuid(), responseId: z.uuid().nullable() }))
    .min(1)
    .max(500),
});
