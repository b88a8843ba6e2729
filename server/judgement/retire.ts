import { sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, markFact, pair, preference } from "../../db/schema";
import { recountPairs } from "./pairs";

/**
 * Ends the time of annotations: each is kept as a revision and states nothing any more.
 * @param withdrawn whether it was taken back, by its rater or by a reviewer; else a newer revision replaces it
 */
export async function retire(
  tx: Db,
  { annotationIds, withdrawn }: { annotationIds: readonly string[]; withdrawn: boolean },
): Promise<void> {
  if (annotationIds.length === 0) return;
  const left = await tx.execute<{ id: string }>(sql`
    with preferred as (
        delete from ${preference} where ${anyOf(preference.annotationId, annotationIds)} returning pair_id
      ),
      marked as (delete from ${markFact} where ${anyOf(markFact.annotationId, annotationIds)}),
      retired as (
        update ${annotation} set current = false, withdrawn_at = ${withdrawn ? sql`now()` : sql`null`}
        where ${anyOf(annotation.id, annotationIds)}
      )
    select distinct pair_id as id from preferred`);
  const pairIds = left.map(({ id }) => id);
  await recountPairs(tx, anyOf(pair.id, pairIds));
}
