import { z } from "zod";

/**
 * The life of a seat on a task:
 * - `open`      nobody sits on it; may be claimed
 * - `leased`    a rater holds it until `leasedUntil`; after that it may be claimed again
 * - `submitted` its rater's annotation counts
 * - `skipped`   its rater declined; a fresh open seat took its place
 * - `returned`  a reviewer sent the annotation back; only this rater may do it again
 * - `closed`    no longer wanted (overlap lowered, task withdrawn)
 */
export const assignmentStatuses = ["open", "leased", "submitted", "skipped", "returned", "closed"] as const;

/** What a rater was shown on a seat that has since gone to nobody or to another rater. */
export interface LapsedLease {
  raterId: string;
  order: number[];
  formVersionId: string;
  guidelineVersionId: string | null;
  /** Absent, as the next, in leases that lapsed before it was kept. */
  leasedAt?: string | null;
  selectionProbability?: number | null;
}

export const annotationOrigins = ["desk", "api", "import", "model", "demo", "adjudication", "chat"] as const;

export const curationActions = ["exclude", "include", "return", "adjudicate", "reopen"] as const;

/** For how long a rater had something before them, in milliseconds. */
export const visibleMsSchema = z.number().int().min(0).max(86_400_000);

/**
 * How much of one text stood on the rater's screen, as the browser measured it.
 * - `share` of its height that stood there for a quarter of a second at least, at one time or another, 0 to 1. Of a
 *   conversation: of its characters; turns that stayed folded were not in view. What runs out of sight sideways, in
 *   lines of code or a table that is not wrapped, counts with its line.
 * - `ms`: for how long some part of it stood there while the page was in front.
 */
const seenSchema = z.object({
  share: z.number().min(0).max(1),
  ms: visibleMsSchema,
});
export type Seen = z.infer<typeof seenSchema>;

/** What was in view of a task: in view is not read, and says so nowhere. */
export const inViewSchema = z.object({
  prompt: seenSchema,
  /** One of each response. */
  responses: z.array(seenSchema).max(100),
});
export type InView = z.infer<typeof inViewSchema>;
