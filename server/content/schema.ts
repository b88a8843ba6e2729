import { z } from "zod";
import { messageSchema } from "../../db/shape/content";

/** A language tag as BCP 47 writes it: `zh-Hant` for `zh-hant`, `he` for `iw`. What is none stays as it is. */
function canonicalLanguage(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return tag;
  }
}

/** A BCP 47 language tag, such as `en`, `pt-BR` or `zh-Hant`, in the one spelling that is stored and compared. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, "Use a language tag such as en, ar or pt-BR.")
  .overwrite(canonicalLanguage);

const metadataSchema = z.record(z.string(), z.unknown());

/** One response of a new prompt. */
const newResponseSchema = z.object({
  content: z.string().min(1, "A response is empty."),
  /** The model, person or collection that wrote it. Raters never see it before they have judged. */
  source: z.string().trim().max(200).optional(),
  externalId: z.string().max(500).optional(),
  metadata: metadataSchema.default({}),
});

/** A new prompt with its responses. */
export const newPromptSchema = z.object({
  messages: z.array(messageSchema).min(1, "A prompt needs at least one message."),
  tools: z.array(z.unknown()).optional(),
  language: languageSchema.optional(),
  domain: z.string().trim().min(1).max(100).optional(),
  source: z.string().trim().max(200).optional(),
  externalId: z.string().max(500).optional(),
  metadata: metadataSchema.default({}),
  responses: z.array(newResponseSchema).max(100).default([]),
});
export type NewPrompt = z.infer<typeof newPromptSchema>;

export const promptFilterSchema = z.object({
  /** Words of the conversation or of a response. */
  search: z.string().trim().max(400).optional(),
  language: z.string().overwrite(canonicalLanguage).optional(),
  domain: z.string().optional(),
  source: z.string().optional(),
});
export type PromptFilter = z.infer<typeof promptFilterSchema>;

/** A prompt in the table. */
export const promptRowSchema = z.object({
  id: z.uuid(),
  /** The beginning of the last message. */
  excerpt: z.string(),
  turns: z.number().int(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  source: z.string().nullable(),
  externalId: z.string().nullable(),
  responses: z.number().int(),
  tasks: z.number().int(),
  createdAt: z.date(),
});

export const responseSchema = z.object({
  id: z.uuid(),
  content: z.string(),
  source: z.string().nullable(),
  externalId: z.string().nullable(),
  metadata: metadataSchema,
  createdAt: z.date(),
});

export const promptSchema = z.object({
  id: z.uuid(),
  messages: z.array(messageSchema),
  tools: z.array(z.unknown()).nullable(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  source: z.string().nullable(),
  externalId: z.string().nullable(),
  metadata: metadataSchema,
  createdAt: z.date(),
});

/** The values that occur in a project, most frequent first: what filters offer. */
export const facetsSchema = z.object({
  languages: z.array(z.object({ value: z.string(), count: z.number().int() })),
  domains: z.array(z.object({ value: z.string(), count: z.number().int() })),
  /** Sources of responses. */
  sources: z.array(z.object({ value: z.string(), count: z.number().int() })),
});
