import { sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, markFact, pair, preference } from "../../db/schema";
import { storedAnswers } from "../form/schema";
import { formQuestions } from "../form/versions";
import type { FoundSeat } from "../seat/seat";
import { factsOf, nothingStated } from "./facts";
import { recountPairs } from "./pairs";
import { statingFacts } from "./store";

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

/** Lets a revision count again, as the only one of its seat or task, with the facts that it states. */
export async function restore(
  tx: Db,
  { responseIds, promptId }: Pick<FoundSeat, "responseIds" | "promptId">,
  earlier: typeof annotation.$inferSelect,
): Promise<void> {
  const { order } = earlier;
  const questions = await formQuestions(tx, earlier.formVersionId);
  const { preferences, marks } = earlier.apart
    ? nothingStated
    : factsOf({ questions, answers: storedAnswers(earlier.answers), order, responseIds });
  await tx.execute(sql`
    with back as (
      update ${annotation} set current = true, withdrawn_at = null where id = ${earlier.id}
      returning id, project_id, task_id, rater_id, origin, submitted_at
    ), given as (
      select back.*, ${promptId}::uuid as prompt_id, ${JSON.stringify(preferences)}::text::jsonb as preferences,
        ${JSON.stringify(marks)}::text::jsonb as marks
      from back
    ), ${statingFacts} select from back`);
}
