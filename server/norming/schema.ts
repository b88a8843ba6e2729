import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { normingSets } from "../../db/shape/norming";
import { boundedSchema } from "../../db/shape/quality";
import { answersSchema, questionSchema } from "../form/schema";
import { remarkText } from "../remark/schema";
import { normingStateSchema } from "../seat/schema";

/** Items of one pass, at most: beyond it nobody talks about all of them. */
const MOST_ITEMS = 100;

const dueAt = z.iso.datetime({ offset: true }).optional();

export const startNormingSchema = z
  .object({
    /** So many tasks are drawn from those that nobody has begun. */
    count: z.number().int().min(1).max(MOST_ITEMS).optional(),
    /** Or these. */
    taskIds: z.array(z.uuid()).min(1).max(MOST_ITEMS).optional(),
    /** Who takes part, by person; absent: every annotator of the project. */
    personIds: z.array(z.uuid()).min(2).max(500).optional(),
    /** Until when the first pass is judged, whoever is done by then. Absent: until all are. */
    dueAt,
    /** Whether its raters get no other tasks until it has ended. */
    holdsWork: z.boolean().default(true),
  })
  .refine(({ count, taskIds }) => (count === undefined) !== (taskIds === undefined), {
    path: ["count"],
    error: "Say how many tasks to draw, or which they are: one of the two.",
  });

export const repeatNormingSchema = z.object({
  /** The same items once more, or as many others. */
  set: z.enum(normingSets),
  dueAt,
});

export const sayInNormingSchema = z.object({ taskId: z.uuid(), text: remarkText });

/** A change since the first pass, in the units of the measure. */
const measured = boundedSchema.extend({ n: z.number().int() });

/** So many of each pass. */
export const perPassSchema = z.object({ before: z.number().int(), after: z.number().int() });

/** Who says or judged something: a number of the norming for its raters, with the name for those who run the project. */
export const speakerSchema = z.object({
  /** From 1, the same on all of the page; null for somebody who is no rater of it. */
  number: z.number().int().nullable(),
  name: z.string().nullable(),
  isMe: z.boolean(),
});
export type Speaker = z.infer<typeof speakerSchema>;

/** An item whose answers its raters see: letters of the answers are those of `responses`, which stood in another order for each. */
const itemSchema = z.object({
  taskId: z.uuid(),
  prompt: z.object({ messages: z.array(messageSchema), language: z.string().nullable() }),
  responses: z.array(z.object({ content: z.string() })),
  questions: z.array(questionSchema),
  /** Mean nearness of two raters' answers over all that was asked, from 0 to 1; null with fewer than two answers. */
  agreement: z.number().nullable(),
  answers: z.array(z.object({ by: speakerSchema, answers: answersSchema })),
  remarks: z.array(z.object({ id: z.uuid(), by: speakerSchema, text: z.string(), at: z.date() })),
});
export type NormingItem = z.infer<typeof itemSchema>;

export const shownNormingSchema = normingStateSchema.pick({ id: true, phase: true, holdsWork: true }).extend({
  startedAt: z.date(),
  openedAt: z.date().nullable(),
  /** Until when the pass that is judged runs. */
  dueAt: z.date().nullable(),
  again: z.enum(normingSets).nullable(),
  endedAt: z.date().nullable(),
  /** Items of each pass. */
  items: perPassSchema,
  /** Whether the viewer is one of its raters. */
  takesPart: z.boolean(),
  /** How many items each rater has judged or passed over. */
  raters: z.array(
    z.object({
      by: speakerSchema,
      done: perPassSchema,
      isWaitedFor: z.boolean(),
    }),
  ),
  /** Krippendorff's α of what was asked, once a pass has ended. */
  parts: z.array(
    z.object({
      questionId: z.string(),
      attribute: z.string().nullable(),
      label: z.string(),
      before: measured.nullable(),
      after: measured.nullable(),
      change: measured.nullable(),
    }),
  ),
  /** The items of each pass that may be seen, those that raters differ on most first; null while it is blind. */
  seen: z.object({ before: z.array(itemSchema).nullable(), after: z.array(itemSchema).nullable() }),
  /** All normings of the project that the viewer may see, newest first. */
  all: z.array(z.object({ id: z.uuid(), startedAt: z.date() })),
});
export type ShownNorming = z.infer<typeof shownNormingSchema>;
