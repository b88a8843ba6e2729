import { type SQLWrapper, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, membership, norming, normingItem, normingRater, person, rater } from "../../db/schema";
import type { normingPasses } from "../../db/shape/norming";
import { conflict } from "../errors";
import { pagesChanged } from "../event/changed";
import type { NormingState } from "./schema";

/** A pass of a norming ends once, under the lock of its norming, and takes no judgement afterwards: what is compared was blind. */

type Pass = (typeof normingPasses)[number];

/** Which pass of a norming is judged now, as far as is written; null between them and after the last. */
export const judgedPass = sql<Pass | null>`case when ${norming.endedAt} is not null then null
  when ${norming.openedAt} is null then 'before' when ${norming.againAt} is not null then 'after' end`;

/** How far a norming is, as far as is written. */
export const normingPhase = sql<NormingState["phase"]>`case when ${norming.endedAt} is not null then 'ended'
  else coalesce(${judgedPass}, 'talk') end`;

/** Whether the time of the pass that is judged is over: nobody may have written that it ended. */
const isTimeOver = sql<boolean>`coalesce(${norming.dueAt} <= now(), false)`;

/** Which pass takes judgements now. */
const openPass = sql`case when not ${isTimeOver} then ${judgedPass} end`;

/** The norming that a rater takes part in now, as part of the rater's row; null where there is none. */
export const normingOfRater = sql`(
  select jsonb_build_object('id', ${norming.id}, 'holdsWork', ${norming.holdsWork},
    'pass', ${openPass})
  from ${normingRater} join ${norming} on ${norming.id} = ${normingRater.normingId}
  where ${normingRater.raterId} = ${rater.id} and ${norming.endedAt} is null)`;

interface HeldPass extends Record<string, unknown> {
  normingId: string;
  /** Whether it is judged still. */
  isOpen: boolean;
}

/**
 * Keeps the norming of a seat as it is until the transaction ends. To be asked for before the rater and the seat, so that
 * whoever ends a pass and whoever judges in it come one after the other.
 * @returns null for a seat of no norming
 */
export async function holdPass(tx: Db, assignmentId: string): Promise<HeldPass | null> {
  const [found] = await tx.execute<HeldPass>(sql`
    select ${norming.id} as "normingId", ${openPass} is not distinct from ${normingItem.pass}::text as "isOpen"
    from ${assignment} join ${normingItem} on ${normingItem.taskId} = ${assignment.taskId}
      join ${norming} on ${norming.id} = ${normingItem.normingId}
    where ${assignment.id} = ${assignmentId} for update of ${norming}`);
  return found ?? null;
}

/** @throws CONFLICT where the pass has ended: what came later would not be blind */
export function requireOpen(pass: HeldPass | null): void {
  if (pass && !pass.isOpen)
    throw conflict(
      "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.",
    );
}

/** A condition: a rater of the norming whom the others wait for. Who left, is paused or withdrew consent is not. */
const isWaitedFor = sql`${rater.blockedAt} is null and ${rater.consentWithdrawnAt} is null and exists (
  select from ${person} where ${person.id} = ${rater.personId} and ${person.disabledAt} is null and (${person.isAdmin}
    or exists (select from ${membership} where ${membership.personId} = ${person.id}
      and ${membership.projectId} = ${rater.projectId})))`;

/** Joins the seats on which a rater is done with items: judged them, or passed them over. */
const joinDone = (raterId: SQLWrapper | string) => sql`left join ${assignment} seat
  on seat.task_id = ${normingItem.taskId} and seat.rater_id = ${raterId} and seat.status in ('submitted', 'skipped')`;

/** Raters of a norming: how many items of each pass they have judged or passed over, and whether they are waited for. */
export const standings = (db: Db, normingId: string) =>
  db.execute<{
    raterId: string;
    personId: string | null;
    name: string;
    isWaitedFor: boolean;
    before: number;
    after: number;
  }>(sql`
    select ${rater.id} as "raterId", ${rater.personId} as "personId", ${rater.name} as name,
      ${isWaitedFor} as "isWaitedFor",
      count(seat.id) filter (where ${normingItem.pass} = 'before')::int as before,
      count(seat.id) filter (where ${normingItem.pass} = 'after')::int as after
    from ${normingRater} join ${rater} on ${rater.id} = ${normingRater.raterId}
      join ${normingItem} on ${normingItem.normingId} = ${normingRater.normingId}
      ${joinDone(rater.id)}
    where ${normingRater.normingId} = ${normingId}
    group by ${rater.id} order by ${rater.id}`);

/** Ends the pass that is judged. Seats that are out close; what comes late is refused. The norming is locked. */
export async function endPass(tx: Db, { normingId, pass }: { normingId: string; pass: Pass }): Promise<void> {
  await tx.execute(sql`
    update ${norming} set due_at = null, ${pass === "before" ? sql`opened_at = now()` : sql`ended_at = now()`}
    where ${norming.id} = ${normingId}`);
  // Raters who are being given an item have it by then, and those who come later are given none.
  await tx.execute(sql`
    select from ${rater} where ${rater.id} in (select ${normingRater.raterId} from ${normingRater}
      where ${normingRater.normingId} = ${normingId}) order by ${rater.id} for no key update`);
  await tx.execute(sql`
    update ${assignment} set status = 'closed' where status in ('open', 'leased') and task_id in (
      select ${normingItem.taskId} from ${normingItem}
      where ${normingItem.normingId} = ${normingId} and ${normingItem.pass} = ${pass}::norming_pass)`);
}

/** The pass that is judged, where everybody who is waited for is done with it or its time is over; else null. */
async function passToEnd(db: Db, normingId: string): Promise<Pass | null> {
  const [found] = await db.execute<{ pass: Pass | null; isOver: boolean; items: number }>(sql`
    select ${judgedPass} as pass, ${isTimeOver} as "isOver",
      (select count(*)::int from ${normingItem}
        where ${normingItem.normingId} = ${norming.id} and ${normingItem.pass}::text = ${judgedPass}) as items
    from ${norming} where ${norming.id} = ${normingId}`);
  if (!found?.pass) return null;
  const { pass, items, isOver } = found;
  if (isOver) return pass;
  return (await standings(db, normingId)).some((one) => one.isWaitedFor && one[pass] < items) ? null : pass;
}

/** Ends the pass that is judged where everybody is done with it or its time is over. */
export async function settlePass(tx: Db, normingId: string): Promise<void> {
  // Held by a statement of its own: one that waits for a pass that begins sees the pass, and none of its items.
  await tx.execute(sql`select from ${norming} where ${norming.id} = ${normingId} for update`);
  const pass = await passToEnd(tx, normingId);
  if (pass) await endPass(tx, { normingId, pass });
}

/**
 * Ends passes of a project whose time is over, or that waited for somebody who left, was paused or withdrew consent:
 * whoever looks at one next does it.
 */
export async function settleDue(db: Db, projectId: string): Promise<void> {
  const running = await db.execute<{ id: string }>(sql`
    select ${norming.id} as id from ${norming}
    where ${norming.projectId} = ${projectId} and ${norming.endedAt} is null and ${judgedPass} is not null`);
  for (const { id } of running) {
    if ((await passToEnd(db, id)) === null) continue;
    await db.transaction((tx) => settlePass(tx, id));
    pagesChanged(db, projectId);
  }
}

/** What the desk says of the last norming that a rater takes part in; null where there was none. */
export async function normingStateOf(db: Db, raterId: string): Promise<NormingState | null> {
  const [found] = await db.execute<NormingState & Record<string, unknown>>(sql`
    select mine.id, mine.phase, count(${normingItem.taskId})::int as items,
      count(seat.id)::int as done, mine.holds_work as "holdsWork"
    from (
      select ${norming.id} as id, ${norming.holdsWork} as holds_work, ${judgedPass} as pass, ${normingPhase} as phase
      from ${normingRater} join ${norming} on ${norming.id} = ${normingRater.normingId}
      where ${normingRater.raterId} = ${raterId} order by ${norming.createdAt} desc limit 1
    ) mine
    left join ${normingItem} on ${normingItem.normingId} = mine.id and ${normingItem.pass}::text = mine.pass
    ${joinDone(raterId)}
    group by mine.id, mine.phase, mine.holds_work`);
  return found ? { ...found } : null;
}
