import { z } from "zod";
import { judgementSchema, undoSchema } from "@/server/judgement/schema";
import { skipSchema } from "@/server/seat/schema";

const base = z.object({
  /** Who said it: on a shared computer nothing is ever sent in another person's name. */
  personId: z.uuid(),
  projectId: z.uuid(),
  assignmentId: z.uuid(),
  /** When it was put here, milliseconds since 1970. */
  at: z.number(),
  /** How often it was tried. After the first try it may have arrived even if no answer came. */
  attempts: z.number().int(),
  /** Why the server will never take it; null while it waits. */
  refused: z.string().nullable(),
  /** The beginning of the prompt, by which the rater recognises the task. */
  excerpt: z.string(),
});

/** Something the rater did that the server has not confirmed yet. Entries are sent one by one, in order. */
export const entrySchema = z.discriminatedUnion("kind", [
  base.extend({ kind: z.literal("submit"), judgement: judgementSchema }),
  base.extend({ kind: z.literal("revise"), judgement: judgementSchema }),
  base.extend({ kind: z.literal("skip"), skip: skipSchema.pick({ reason: true, note: true }) }),
  /** With the key of the judgement to take back; absent in what an older version wrote. */
  base.extend({ kind: z.literal("undo"), idempotencyKey: undoSchema.shape.idempotencyKey }),
]);
export type Entry = z.infer<typeof entrySchema>;

/** An entry with its place in the line. */
export type StoredEntry = Entry & { id: number };
