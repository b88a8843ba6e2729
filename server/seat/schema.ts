import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { answersSchema, questionSchema } from "../form/schema";

/** How long a rater can take a judgement back. */
export const UNDO_SECONDS = 30;

/** What a screen shows of a seat. It comes back with the judgement, which is stored with it. */
export const shownSchema = z.object({
  /** Which lease of the seat it was: each has its own order of the responses, which the rater is not told. */
  leasedAt: z.iso.datetime({ offset: true }).nullable(),
  formVersionId: z.uuid(),
  /** The guidelines that the rater could read while deciding. */
  guidelineVersionId: z.uuid().nullable(),
});
export type Shown = z.infer<typeof shownSchema>;

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
  /** To be sent back with the judgement, with the version of the guidelines that is really on the screen. */
  shown: shownSchema,
  /** In force when the seat was taken, and for a later edit now. */
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
 * - `no_consent`     the rater withdrew consent to the use of their judgements
 * - `qualifying`     the tasks of the qualification are out, or there are too few for this rater
 * - `not_qualified`  the rater did not pass the qualification
 * - `norming`        the rater's part of a norming is done, or its raters talk about it; other tasks wait for its end
 * - `blocked`        the rater's work is paused, by a manager or by the test of answers that are known
 */
const nothingReasons = [
  "no_tasks",
  "done",
  "held_by_others",
  "not_for_you",
  "archived",
  "no_consent",
  "qualifying",
  "not_qualified",
  "norming",
  "blocked",
] as const;
export type NothingReason = (typeof nothingReasons)[number];

/** How many seats the rater wants to hold, and which of them the caller already knows. */
export const holdSchema = z.object({
  /** The current task and those to prefetch; 0 takes none and answers with those held. */
  hold: z.number().int().min(0).max(20).default(1),
  /** How many more, for a time without the server: as far as others at work leave them, see `spareSeats`. */
  ahead: z.number().int().min(0).max(10).default(0),
  /** Seats that need not be sent again. */
  have: z.array(z.uuid()).max(40).default([]),
});
export type Hold = z.infer<typeof holdSchema>;

export const claimedSchema = z.object({
  /** Held seats that the caller does not have yet, in the order in which to do them. */
  tasks: z.array(blindTaskSchema),
  /** Set when fewer seats than `hold` could be had. */
  nothing: z.enum(nothingReasons).nullable(),
});
export type Claimed = z.infer<typeof claimedSchema>;

export const skipSchema = z.object({
  assignmentId: z.uuid(),
  reason: z.string().trim().min(1).max(200),
  note: z.string().trim().max(2000).default(""),
  next: holdSchema.optional(),
});

/** Said to a rater after an item whose answer is known, where the project tells. */
export const feedbackSchema = z.object({
  right: z.boolean(),
  /** In the order in which the responses were shown. */
  answers: answersSchema,
  questions: z.array(questionSchema),
  reason: z.string(),
});
export type Feedback = z.infer<typeof feedbackSchema>;

/** How far a rater is with the tasks that come before the first other one. */
export const qualifyingSchema = z.object({
  done: z.number().int(),
  items: z.number().int(),
  pass: z.number().int(),
  attempt: z.number().int(),
  attempts: z.number().int(),
});
export type Qualifying = z.infer<typeof qualifyingSchema>;

/** How far the last norming of a rater is: a pass is judged, its raters talk about the first, or it has ended. */
export const normingStateSchema = z.object({
  id: z.uuid(),
  phase: z.enum(["before", "talk", "after", "ended"]),
  /** Of the pass that is judged, and how many of them this rater has judged or passed over. */
  items: z.number().int(),
  done: z.number().int(),
  /** Whether other tasks wait for its end. */
  holdsWork: z.boolean(),
});
export type NormingState = z.infer<typeof normingStateSchema>;
