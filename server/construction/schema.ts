import { z } from "zod";
import { candidateShows } from "../../db/shape/candidate";
import {
  candidateContentSchema,
  dataRecipeSchema,
  decisions,
  filterVerdictSchema,
} from "../../db/shape/construction";
import { messageSchema } from "../../db/shape/content";
import { runStatuses } from "../../db/shape/run-kinds";

/** A method of the gallery. */
export const methodSchema = z.object({
  id: z.string(),
  title: z.string(),
  says: z.string(),
  use: z.string(),
  source: z.string(),
  makes: z.enum(["examples", "pairs"]),
  slots: z.array(
    z.object({
      name: z.string(),
      says: z.string(),
      can: z.enum(["chat", "logprobs", "completion", "reward"]),
      isMany: z.boolean(),
      /** Whether it needs a model as long as no option says otherwise. */
      isUsual: z.boolean(),
    }),
  ),
  needs: z.array(z.enum(["prompts", "responses", "documents"])),
  /** Its options as JSON Schema, with defaults and descriptions. */
  options: z.record(z.string(), z.unknown()),
});
export type MethodEntry = z.infer<typeof methodSchema>;

export const dataRunSpecSchema = z.object({ recipe: dataRecipeSchema });

export const dataEstimateSchema = z.object({
  /** The slots that these options need a model for. */
  uses: z.array(z.string()),
  /** What is in the way of starting, as a sentence with what to do; null: nothing. Then the rest is 0. */
  problem: z.string().nullable(),
  /** Prompts of the project that the recipe draws, and its documents. */
  prompts: z.number().int(),
  documents: z.number().int(),
  /** By slot, when filters drop nothing; what they drop comes on top. */
  slots: z.array(z.object({ slot: z.string(), model: z.string(), calls: z.number().int() })),
  calls: z.number().int(),
  /** Tokens of all replies at most. */
  output: z.number().int(),
  /** US dollars for these replies, without what prompts cost; null where a price is not known, 0 of models of the registry. */
  cost: z.number().nullable(),
});
export type DataEstimate = z.infer<typeof dataEstimateSchema>;

/** What a run of kind `construct` came to. */
const stopReasons = ["target", "used_up", "budget", "yield", "duplicates", "audit", "stopped"] as const;
export type StopReason = (typeof stopReasons)[number];
export const dataResultSchema = z.object({
  kept: z.number().int(),
  dropped: z.number().int(),
  why: z.enum(stopReasons),
});

const shareSchema = z.object({ share: z.number(), low: z.number(), high: z.number() });

/** How far people are with what they look at, and how much of it passed as it was. */
export const dataAuditSchema = z.object({
  /** Kept candidates that people have looked at or are to look at: not those whose source was withdrawn before. */
  drawn: z.number().int(),
  accepted: z.number().int(),
  edited: z.number().int(),
  rejected: z.number().int(),
  /** Of those decided, the share that was accepted unchanged, with Wilson's 95 % interval; null while none is. */
  pass: shareSchema.nullable(),
});
export type DataAudit = z.infer<typeof dataAuditSchema>;

const dataRunFields = {
  runId: z.uuid(),
  title: z.string(),
  method: z.string(),
  methodTitle: z.string(),
  status: z.enum(runStatuses),
  createdAt: z.date(),
  /** Candidates that filters kept and dropped. */
  kept: z.number().int(),
  dropped: z.number().int(),
  audit: dataAuditSchema,
  /** Rows that became part of the project. */
  used: z.number().int(),
};
export const dataRunRowSchema = z.object(dataRunFields);
export type DataRunRow = z.infer<typeof dataRunRowSchema>;

export const dataRunSchema = z.object({
  ...dataRunFields,
  makes: z.enum(["examples", "pairs"]),
  recipe: dataRecipeSchema,
  recipeHash: z.string(),
  error: z.string().nullable(),
  result: dataResultSchema.nullable(),
  inputs: z.number().int(),
  /** Requests to models, and what they came to at endpoints: US dollars, null where a price is not known. */
  asks: z.number().int(),
  failedAsks: z.number().int(),
  cost: z.number().nullable(),
  /** What filters did, in the order of the most dropped. */
  filters: z.array(z.object({ filter: z.string(), asked: z.number().int(), dropped: z.number().int() })),
  /** Why candidates were dropped, most frequent first. */
  reasons: z.array(z.object({ reason: z.string(), count: z.number().int() })),
  /** Kept of each hundred candidates, in the order in which they were made. */
  yields: z.array(z.object({ from: z.number().int(), made: z.number().int(), kept: z.number().int() })),
  /** Kept candidates that nobody has looked at, that are not drawn for it, and that could be used now. */
  unreviewed: z.number().int(),
});
export type DataRun = z.infer<typeof dataRunSchema>;

export const candidateSchema = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  position: z.number().int(),
  key: z.string(),
  operator: z.string(),
  parents: z.array(z.string()),
  content: candidateContentSchema,
  asks: z.array(z.string()),
  verdicts: z.array(filterVerdictSchema),
  dropped: z.string().nullable(),
  audited: z.boolean(),
  decision: z.enum(decisions).nullable(),
  reason: z.string().nullable(),
  edited: z.object({ messages: z.array(messageSchema), responses: z.array(z.string()) }).nullable(),
  decidedAt: z.date().nullable(),
  promptId: z.uuid().nullable(),
  /** Whether it counts: what it was made from is gone or was withdrawn where it does not. */
  stands: z.boolean(),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const chosenDataRunSchema = z.object({ runId: z.uuid() });

export const candidatesInputSchema = chosenDataRunSchema.extend({
  only: z.enum(candidateShows).default("all"),
  /** Position of the last one seen. */
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const candidatesPageSchema = z.object({
  items: z.array(candidateSchema),
  nextCursor: z.number().int().nullable(),
});

export const chosenCandidateSchema = chosenDataRunSchema.extend({ candidateId: z.uuid() });

/** Raw words behind a candidate: what it was made from, and what models were asked and wrote. */
export const candidateTraceSchema = z.object({
  candidate: candidateSchema,
  parents: z.array(
    z.object({
      id: z.string(),
      /** An input's or an earlier candidate's text. */
      text: z.string(),
      promptId: z.uuid().nullable(),
      licence: z.string().nullable(),
    }),
  ),
  nearest: z.string().nullable(),
  asks: z.array(
    z.object({
      key: z.string(),
      slot: z.string(),
      /** What the model was sent, as JSON. */
      request: z.string(),
      text: z.string().nullable(),
      model: z.string().nullable(),
      input: z.number().nullable(),
      output: z.number().nullable(),
      failure: z.string().nullable(),
    }),
  ),
});
export type CandidateTrace = z.infer<typeof candidateTraceSchema>;

/** What a person says of a candidate. Said again, it replaces what was said before. */
export const decisionSchema = chosenCandidateSchema
  .extend({
    decision: z.enum(decisions),
    /** Why it is rejected. */
    reason: z.string().trim().max(2000).optional(),
    /** Of an edited one. */
    edited: z
      .object({
        messages: z.array(messageSchema).min(1),
        responses: z.array(z.string().trim().min(1).max(200_000)).min(1).max(2),
      })
      .optional(),
  })
  .refine(({ decision, reason }) => decision !== "rejected" || reason, "Say why it is rejected.")
  .refine(
    ({ decision, edited }) => (decision === "edited") === (edited !== undefined),
    "An edited candidate comes with its new texts, and no other.",
  );

export const releasedSchema = z.object({
  /** Rows that nobody looked at and that are part of the project now. */
  used: z.number().int(),
  /** Rows that were in the project already. */
  known: z.number().int(),
  /** Rows that wait for another call. */
  left: z.number().int(),
});

export const chosenDataVersionSchema = z.object({ versionId: z.uuid() });

/** Of a dataset's version: a data run whose rows are in it. */
export const behindVersionSchema = z.object({
  runId: z.uuid(),
  title: z.string(),
  /** Rows of the version that rest on its candidates, and how many of those a person looked at. */
  rows: z.number().int(),
  reviewed: z.number().int(),
  audit: dataAuditSchema,
});
