import { type SQL, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { pair, peoplesVotes, preference, rater } from "../../db/schema";

/**
 * How people's votes on each pair stand is kept beside the judgements, in the transaction that changes them: new ones
 * are added by `storing`, everything else that makes votes count or not has its pairs counted again here.
 * Whoever changes a pair holds its row first, so that two at a time cannot both count without the other.
 */

/**
 * Of some raters those whose votes count, held so that consent cannot be withdrawn before the votes are seen.
 * @param raterIds a query for their ids
 */
export const voters = (raterIds: SQL): SQL => sql`
  select id from ${rater} where id in (${raterIds}) and kind <> 'model' and consent_withdrawn_at is null
  for key share`;

/** The columns a, b, tie and both_bad of a pair: how many rows with each outcome count. */
export const counted = (counts: SQL): SQL => sql`
  count(*) filter (where outcome = 'a' and ${counts}), count(*) filter (where outcome = 'b' and ${counts}),
  count(*) filter (where outcome = 'tie' and ${counts}), count(*) filter (where outcome = 'both_bad' and ${counts})`;

/** A condition: the pairs on which some annotations state something. */
export const pairsOf = (annotationIds: readonly string[]): SQL =>
  sql`${pair.id} in (select pair_id from ${preference} where ${anyOf(preference.annotationId, annotationIds)})`;

/** A condition: the pairs that a rater has judged. */
export const pairsOfRater = (raterId: string): SQL =>
  sql`${pair.id} in (select pair_id from ${preference} where ${preference.raterId} = ${raterId})`;

/** Keeps out whoever judges as this rater, until the transaction ends: to be done before a consent changes. */
export async function holdRater(
  tx: Db,
  { projectId, raterId }: { projectId: string; raterId: string },
): Promise<void> {
  await tx.execute(sql`
    select from ${rater} where ${rater.id} = ${raterId} and ${rater.projectId} = ${projectId} for no key update`);
}

/**
 * Counts pairs again from the votes as they are now.
 * @param tx a transaction: the pairs are held until it ends
 * @returns how many were not as they were kept
 */
export async function recountPairs(tx: Db, which: SQL): Promise<number> {
  const held = await tx.execute<{ id: string }>(sql`
    select ${pair.id} as id from ${pair} where ${which}
    order by ${pair.taskId}, ${pair.questionId}, ${pair.responseA}, ${pair.responseB} for no key update`);
  if (held.length === 0) return 0;
  const ids = held.map(({ id }) => id);
  // A statement of its own: it sees what others wrote while this one waited for the rows.
  const changed = await tx.execute(sql`
    update ${pair} set a = now.a, b = now.b, tie = now.tie, both_bad = now.both_bad
    from (
      select mine.id, ${counted(sql`vote.id is not null`)}
      from ${pair} mine left join ${peoplesVotes} vote on vote.pair_id = mine.id
      where ${anyOf(sql`mine.id`, ids)} group by mine.id
    ) now (id, a, b, tie, both_bad)
    where ${pair.id} = now.id
      and (${pair.a}, ${pair.b}, ${pair.tie}, ${pair.bothBad}) is distinct from (now.a, now.b, now.tie, now.both_bad)
    returning 1`);
  return changed.length;
}
