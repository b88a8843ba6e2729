import { z } from "zod";
import { inViewSchema, visibleMsSchema } from "../../db/shape/judgement";
import { answersSchema } from "../form/schema";
import {
  claimedSchema,
  feedbackSchema,
  holdSchema,
  normingStateSchema,
  qualifyingSchema,
  shownSchema,
} from "../seat/schema";

const time = z.iso.datetime({ offset: true }).optional();

/**
 * By the clock of the rater's browser, as it saw them; `visibleMs` counts only while the page was in view. What cannot
 * be true is moved as little as it takes, see `storeOnSeat`.
 */
const timesSchema = z.object({
  shownAt: time,
  firstDecisionAt: time,
  /** When the rater pressed submit; absent: when the server hears of it. */
  submittedAt: time,
  /** When the request left, by the same clock: it says how far that clock is from the server's. */
  sentAt: time,
  visibleMs: visibleMsSchema.optional(),
});

export const flagReasonSchema = z.string().trim().min(1).max(2000);

export const judgementSchema = timesSchema.extend({
  /**
   * What was on the screen, as the task told it and the desk confirms. Absent: the seat's last lease, and for a
   * revision the versions in force.
   */
  shown: shownSchema.optional(),
  /** How much of each text the screen showed, and for how long; responses in shown order. */
  inView: inViewSchema.optional(),
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

export const undoSchema = z.object({
  assignmentId: z.uuid(),
  /** Of the judgement to take back, so that a request that comes twice takes back one; absent: whichever counts. */
  idempotencyKey: judgementSchema.shape.idempotencyKey.optional(),
});

export const submittedSchema = z.object({
  annotationId: z.uuid(),
  revision: z.number().int(),
  /** Until then `undo` takes it back. */
  undoUntil: z.date(),
  /** The same key had been stored before; nothing was written now. */
  duplicate: z.boolean(),
  /** Where the answer was known and the project tells: whether this one was right, and why. */
  feedback: feedbackSchema.nullable(),
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
  guidelines: z
    .object({
      id: z.uuid(),
      version: z.number().int(),
      markdown: z.string(),
      /** Those by which this rater judged last, where these are newer. */
      known: z.object({ version: z.number().int(), markdown: z.string() }).nullable(),
    })
    .nullable(),
  rater: z.object({
    id: z.uuid(),
    name: z.string(),
    languages: z.array(z.string()),
    domains: z.array(z.string()),
  }),
  /** Judged since midnight in `timeZone`, without what a file brought. */
  today: z.number().int(),
  /** For so long tasks judged since midnight were in view. */
  secondsToday: z.number(),
  /** Judged in all, without what a file brought. */
  total: z.number().int(),
  /** Tasks that this rater could judge now, at hand or open; other raters take from the same. At most 1000. */
  waiting: z.number().int(),
  moreWaiting: z.boolean(),
  /** Visible seconds per judgement, over the last 100. */
  medianSeconds: z.number().nullable(),
  /** Items that wait for this rater because they were sent back. */
  returned: z.number().int(),
  /** Set while the rater has the qualification before them. */
  qualifying: qualifyingSchema.nullable(),
  /** The last norming in which the rater takes part; null where there was none. */
  norming: normingStateSchema.nullable(),
  days: z.array(z.object({ day: z.iso.date(), count: z.number().int(), seconds: z.number() })),
});
