import { z } from "zod";

/** What a thread is made of: why the judgement was flagged, why it was sent back, and what was written since. */
const remarkKinds = ["flag", "return", "remark"] as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const control = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** Plain text: shown as it is written, never as markup. Control characters, and those that turn the direction of a line, are left out. */
export const remarkText = z
  .string()
  .max(4000)
  .transform((text) => text.replaceAll("\r\n", "\n").replaceAll(control, "").trim())
  .refine((text) => text.length > 0, "Write something.");

export const threadEntrySchema = z.object({
  /** Of the remark, the decision or the judgement that it is. */
  id: z.uuid(),
  kind: z.enum(remarkKinds),
  text: z.string(),
  /** Which side it is from. */
  byRater: z.boolean(),
  /** Who wrote it, for those who review. A rater is told that it was a reviewer. */
  by: z.string().nullable(),
  isMine: z.boolean(),
  at: z.date(),
  /** When somebody of the other side first saw it; null for what is no remark, too. */
  readAt: z.date().nullable(),
});
export type ThreadEntry = z.infer<typeof threadEntrySchema>;

/** A thread in which a remark waits to be read. */
export const waitingThreadSchema = z.object({
  assignmentId: z.uuid(),
  taskId: z.uuid(),
  /** The beginning of the prompt. */
  excerpt: z.string(),
  rater: z.object({ id: z.uuid(), name: z.string() }),
  /** The last remark. */
  text: z.string(),
  at: z.date(),
  unread: z.number().int(),
});
export type WaitingThread = z.infer<typeof waitingThreadSchema>;
