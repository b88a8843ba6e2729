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

export const annotationOrigins = ["desk", "api", "import", "model", "demo", "adjudication"] as const;

export const preferenceOutcomes = ["a", "b", "tie", "both_bad"] as const;

export const curationActions = ["exclude", "include", "return", "adjudicate", "reopen"] as const;
