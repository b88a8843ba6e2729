import { type SQL, sql } from "drizzle-orm";

/** `assignment.lapsed` with what the seat's last rater, if any, was shown. */
export function rememberLapsed(): SQL {
  return sql`case when rater_id is null then lapsed else coalesce(lapsed, '[]') || jsonb_build_object(
    'raterId', rater_id, 'order', "order", 'formVersionId', form_version_id,
    'guidelineVersionId', guideline_version_id, 'leasedAt', leased_at,
    'selectionProbability', selection_probability) end`;
}

/** What turns a leased seat into an open one; its rater may still submit while it stays free. */
export const opened = {
  status: "open" as const,
  raterId: null,
  leasedUntil: null,
  lapsed: rememberLapsed(),
  order: null,
};
