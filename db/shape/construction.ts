import { z } from "zod";
import type { Message } from "./content";

/** Data runs: how candidates are made, and what became of each. */

const share = z.number().min(0).max(1);

/** Who answers what a method asks of one of its slots: a model elsewhere, or one of the registry. */
const slotSchema = z.union([z.strictObject({ endpointId: z.uuid() }), z.strictObject({ modelId: z.uuid() })]);

/** What ends a run before its target: money, and signs that going on is of no use. */
const stopsSchema = z.strictObject({
  /** US dollars; null: no cap. */
  budget: z.number().min(0).max(1_000_000).nullable().default(null),
  /** Ends when fewer of the last 200 candidates than this share were kept. */
  yieldBelow: share.default(0.05),
  /** Ends when more of the last 200 candidates than this share were like another. */
  duplicatesAbove: share.default(0.5),
  /** Ends when people pass less of what they looked at than this share: when all of its 95 % interval lies below. */
  auditBelow: share.default(0.5),
});

/** All that decides which candidates a data run makes, and what people are asked about them. */
export const dataRecipeSchema = z.strictObject({
  /** The name of a method of the gallery. */
  method: z.string().min(1).max(60),
  /** The method's own, as it describes them. */
  options: z.record(z.string(), z.unknown()).default({}),
  slots: z.record(z.string(), slotSchema).default({}),
  inputs: z
    .strictObject({
      domains: z.array(z.string()).default([]),
      languages: z.array(z.string()).default([]),
      /** Of these sources only; empty: of all. */
      sources: z.array(z.string()).default([]),
      /** So many, drawn by the seed. */
      limit: z.number().int().min(1).max(10_000).default(175),
      /** Texts to build on, for a method that reads documents. */
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
  /** Candidates that filters keep, at most. */
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

/** What a run was given, as it stood when it began: attempted again, it works on the same. */
export interface DataInput {
  /** What candidates name as their parent. */
  id: string;
  promptId: string | null;
  /** The judgements that stand behind the response: where one of them counts no longer, nothing made of it is used. */
  annotationIds: string[];
  messages: Message[];
  response: string | null;
  /** Of a document. */
  name: string | null;
  licence: string | null;
}

/** What a candidate would add: the conversation, and one reply or a better and a worse one. */
export interface CandidateContent {
  messages: Message[];
  /** A single reply, or the preferred one of a pair first. */
  responses: string[];
}

/** What one filter found. */
export interface FilterVerdict {
  filter: string;
  keeps: boolean;
  /** What was measured, where it has a number. */
  figure: number | null;
}

/** What people say of a candidate. */
export const decisions = ["accepted", "edited", "rejected"] as const;
