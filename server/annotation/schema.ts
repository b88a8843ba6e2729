import { z } from "zod";
import { messageSchema } from "../content/schema";
import { answersSchema, questionSchema } from "../form/schema";

/** How long a rater can take a judgement back. */
export const UNDO_SECONDS = 30;

/**
 * What a rater gets to see: no source, no model, no metadata, and no id of a response or a prompt by which a
 * response could be recognised. Lists over responses (here and in answers) are in shown order.
 */
export const blindTaskSchema = z.object({
  assignmentId: z.uuid(),
  leasedUntil: z.date().nullable(),
  prompt: z.object({
    messages: z.array(messageSchema),
    tools: z.array(z.unknown()).nullable(),
    language: z.string().nullable(),
    domain: z.string().nullable(),
  }),
  responses: z.array(z.object({ content: z.string() })),
  questions: z.array(questionSchema),
  /** The version of the guidelines in force when the seat was taken. */
  guidelineVersion: z.number().int().nullable(),
  /** What this rater answered before: after an undo, or when the work was sent back. */
  answers: answersSchema.nullable(),
  /** Why a reviewer sent it back. */
  returnComment: z.string().nullable(),
});
export type BlindTask = z.infer<typeof blindTaskSchema>;

/**
 * Why a rater gets no task.
 * - `no_tasks`       the project has none yet
 * - `done`           every wanted judgement is in
 * - `held_by_others` the last seats are with other raters; they may come back
 * - `not_for_you`    seats wait, but for other languages, domains or persons, or you have judged those tasks
 * - `archived`       the project is closed
 */
export const nothingReasons = ["no_tasks", "done", "held_by_others", "not_for_you", "archived"] as const;
export type NothingReason = (typeof nothingReasons)[number];

/** How many seats the rater wants to hold, and which of them the caller already knows. */
export const holdSchema = z.object({
  /** The current task and those to prefetch. */
  hold: z.number().int().min(1).max(10).default(1),
  /** Seats that need not be sent again. */
  have: z.array(z.uuid()).max(20).default([]),
});
export type Hold = z.infer<typeof holdSchema>;

export const claimedSchema = z.object({
  /** Held seats that the caller does not have yet, in the order in which to do them. */
  tasks: z.array(blindTaskSchema),
  /** Set when fewer seats than wanted could be had. */
  nothing: z.enum(nothingReasons).nullable(),
});
export type Claimed = z.infer<typeof claimedSchema>;

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

export const skipSchema = z.object({
  assignmentId: z.uuid(),
  reason: z.string().trim().min(1).max(200),
  note: z.string().trim().max(2000).default(""),
  next: holdSchema.optional(),
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
