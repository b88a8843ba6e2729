import { z } from "zod";
import { type Message, messageSchema } from "./content";

/** Data runs: how candidates are made, and what became of each. */

const share = z.number().min(0).max(1);

/** Who answers what a method asks of a slot: a model elsewhere, or one of the registry. */
export const slotModelSchema = z.union([
  z.strictObject({ endpointId: z.uuid() }),
  z.strictObject({ modelId: z.uuid() }),
]);
export type SlotModel = z.infer<typeof slotModelSchema>;

/** What ends a run before its target: money, and signs that going on is of no use. */
const stopsSchema = z.strictObject({
  /** US dollars; null: no cap. */
  budget: z.number().min(0).max(1_000_000).nullable().default(null),
  /** Ends when fewer of the last 200 candidates than this share were kept. */
  yieldBelow: share.default(0.05),
  /** Ends when more of the last 200 candidates than this share were like another. */
  duplicatesAbove: share.default(0.5),
  /**
   * Ends when people pass less of what they looked at than this share: when all of its 95 % interval lies below. Then
   * nothing is used that nobody looked at.
   */
  auditBelow: share.default(0.5),
});

/** All that decides which candidates a data run makes, and what people are asked about them. */
export const dataRecipeSchema = z.strictObject({
  /** The name of a method of the gallery. */
  method: z.string().min(1).max(60),
  /** The method's own, as it describes them. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Who answers in each of the method's slots. */
  slots: z.record(z.string(), z.array(slotModelSchema).min(1).max(20)).default({}),
  /** Prompts of the project that it builds on, and texts. */
  inputs: z
    .strictObject({
      language: z.string().max(100).nullable().default(null),
      domain: z.string().max(100).nullable().default(null),
      /** Where the prompt came from. */
      source: z.string().max(200).nullable().default(null),
      /** So many, drawn by the seed. */
      limit: z.number().int().min(1).max(10_000).default(175),
      documents: z
        .array(
          z.strictObject({
            name: z.string().trim().min(1).max(200),
            text: z.string().min(1).max(1_000_000),
            licence: z.string().max(200).nullable().default(null),
          }),
        )
        .max(1000)
        .default([]),
    })
    .prefault({}),
  /** It ends with the batch in which filters have kept so many. */
  target: z.number().int().min(1).max(100_000).default(100),
  stops: stopsSchema.prefault({}),
  seed: z.number().int().min(0).max(2_147_483_647).default(1),
  /**
   * The share of kept candidates, drawn by the seed, that people look at; the others may be used once these are judged.
   * Null: people look at each, and nothing else is used.
   */
  audit: share.gt(0).nullable().default(null),
});
export type DataRecipe = z.infer<typeof dataRecipeSchema>;

/** What a run was given, as it stood when it was queued: attempted again, it works on the same. */
export interface DataInput {
  /** What candidates name as their parent. */
  id: string;
  /** Null of a document. */
  promptId: string | null;
  /** Judgements behind the response, and behind all it was made from: see `candidate.sourceAnnotations`. */
  annotationIds: string[];
  /** Prompts of which these were made in turn. */
  promptIds: string[];
  messages: Message[];
  response: string | null;
  /** What else is known of a prompt, by the names that its file gave it: words, numbers, yes and no. */
  fields: Record<string, string>;
  /** Of a document. */
  document: { name: string; text: string; licence: string | null } | null;
}

const bySchema = z.object({ slot: z.string(), at: z.number().int() });

/** What a candidate would add to the project. */
export const candidateContentSchema = z.object({
  prompt: z.array(messageSchema),
  responses: z.array(
    z.object({
      text: z.string(),
      /** The slot whose model wrote it, and which of its models; null where a person did. */
      by: bySchema.nullable(),
      /** In the unit of whoever scored. */
      score: z.number().nullable(),
    }),
  ),
  /**
   * Which response is preferred, of a pair, by their places, and how probable it is that it is better: 1 where it is so by
   * construction or by order of scores.
   */
  pair: z
    .object({ chosen: z.number().int(), rejected: z.number().int(), probability: z.number() })
    .nullable(),
  /** The most alike of what was kept before. */
  nearest: z.object({ of: z.string(), figure: z.number() }).nullable(),
  /** What else a reviewer wants to see. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type CandidateContent = z.infer<typeof candidateContentSchema>;

/** What a person made of it: the conversation, and the reply or the pair, the better one first. */
export interface EditedContent {
  messages: Message[];
  responses: string[];
}

/** What one filter found, and what it measured where it has a number. */
export const filterVerdictSchema = z.object({
  filter: z.string(),
  keeps: z.boolean(),
  figure: z.number().nullable(),
});
export type FilterVerdict = z.infer<typeof filterVerdictSchema>;

/** What people say of a candidate. */
export const decisions = ["accepted", "edited", "rejected"] as const;
