import { z } from "zod";
import { answersSchema } from "../form/schema";
import { claimedSchema, holdSchema } from "../seat/schema";

/** How long a rater can take a judgement back. */
export const UNDO_SECONDS = 30;

/** As the rater's browser saw them; `visibleMs` counts only while the page was in view. */
export const timesSchema = z.object({
  shownAt: z.iso.datetime({ offset: true }).optional(),
  firstDecisionAt: z.iso.datetime({ offset: true }).optional(),
  /** When the rater pressed submit; absent: when the server hears of it. */
  submittedAt: z.iso.datetime({ offset: true }).optional(),
  visibleMs: z.number().int().min(0).max(86_400_000).optional(),
});

export const flagReasonSchema = z.string().trim().min(1).max(2000);

export const judgementSchema = timesSchema.extend({
  /** Answers by question id, in shown order. */
  answers: answersSchema,
  /** Chosen by the caller: the same key of the same rater is stored once. */
  idempotencyKey: z.string().min(8).max(200),
  flagReason: flagReasonSchema.optional(),
});
export type Judgement = z.infer<typeof judgementSchema>;

export const submitSchema = judgementSchema.extend({
  assignmentId: z.uuid(),
  /** Answer with the next task, so that the rater never waits; absent: with none. */
  next: holdSchema.optional(),
});

export const submittedSchema = z.object({
  annotationId: z.uuid(),
  revision: z.number().int(),
  /** Until then `undo` takes it back. */
  undoUntil: z.date(),
  /** The same key had been stored before; nothing was written now. */
  duplicate: z.boolean(),
  next: claimedSchema.nullable(),
});

export const historyStates = ["submitted", "returned", "flagged", "skipped"] as const;

export const historyFilterSchema = z.object({
  state: z.enum(historyStates).optional(),
  search: z.string().trim().max(400).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});

/** One of the rater's own seats, newest first. */
export const historyRowSchema = z.object({
  assignmentId: z.uuid(),
  status: z.enum(["submitted", "returned", "skipped"]),
  excerpt: z.string(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  responses: z.number().int(),
  /** When submitted or skipped. */
  at: z.date(),
  revision: z.number().int().nullable(),
  /** In shown order. */
  answers: answersSchema.nullable(),
  visibleMs: z.number().int().nullable(),
  flagReason: z.string().nullable(),
  skipReason: z.string().nullable(),
  returnComment: z.string().nullable(),
});

/** The head of the desk and the annotator's own page. */
export const deskSchema = z.object({
  project: z.object({
    id: z.uuid(),
    name: z.string(),
    skipInstructions: z.string(),
    flagInstructions: z.string(),
    leaseSeconds: z.number().int(),
    archivedAt: z.date().nullable(),
  }),
  guidelines: z.object({ version: z.number().int(), markdown: z.string() }).nullable(),
  rater: z.object({
    id: z.uuid(),
    name: z.string(),
    languages: z.array(z.string()),
    domains: z.array(z.string()),
  }),
  /** Judged since midnight in `timeZone`. */
  today: z.number().int(),
  total: z.number().int(),
  /** Visible seconds per judgement, over the last 100. */
  medianSeconds: z.number().nullable(),
  /** Items that wait for this rater because they were sent back. */
  returned: z.number().int(),
  days: z.array(z.object({ day: z.iso.date(), count: z.number().int() })),
});
