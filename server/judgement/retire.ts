import { sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, markFact, preference } from "../../db/schema";

/**
 * Ends the time of annotations: each is kept as a revision and states nothing any more.
 * @param withdrawn whether it was taken back, by its rater or by a reviewer; else a newer revision replaces it
 */
export async function retire(
  tx: Db,
  { annotationIds, withdrawn }: { annotationIds: readonly string[]; withdrawn: boolean },
): Promise<void> {
  if (annotationIds.length === 0) return;
  await tx.execute(sql`
    with preferred as (delete from ${preference} where ${anyOf(preference.annotationId, annotationIds)}),
      marked as (delete from ${markFact} where ${anyOf(markFact.annotationId, annotationIds)})
    update ${annotation} set current = false, withdrawn_at = ${withdrawn ? sql`now()` : sql`null`}
    where ${anyOf(annotation.id, annotationIds)}`);
}
