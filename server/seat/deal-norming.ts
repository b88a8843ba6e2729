import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { assignment, norming, normingItem, task } from "../../db/schema";
import { type Seat, selectSeats } from "./blind";
import { makingSeat } from "./deal";
import type { LockedRater } from "./lock";
import { judgedPass } from "./norming";
import { leaseOf, leasing } from "./suits";

/**
 * Giving items of a norming out. The seat of an item is made when a rater is given it, and is that rater's alone; while a
 * pass is judged, items come before all other tasks.
 */

const $ = sql.placeholder;

/** A seat that this rater gave back or let go: it waits for nobody else. */
const mineGivenBack = sql`seat.lapsed @> jsonb_build_array(jsonb_build_object('raterId', ${$("raterId")}::uuid))`;
/** Of a pass that has not ended since the rater was locked. */
const itemsOfPass = sql`${normingItem.normingId} = ${$("normingId")}::uuid and ${normingItem.pass} = ${$("pass")}::norming_pass
  and exists (select from ${norming} where ${norming.id} = ${normingItem.normingId}
    and ${judgedPass} = ${normingItem.pass}::text)`;

const takeBack = statement<Seat>(sql`
  with again as (
    update ${assignment} set ${leasing}
    where id = (select seat.id from ${normingItem} join ${assignment} seat on seat.task_id = ${normingItem.taskId}
      where ${itemsOfPass} and seat.status = 'open' and ${mineGivenBack}
      order by ${normingItem.position} limit 1)
    returning *
  ) ${selectSeats(sql`again`)}`);

const takeNext = statement<Seat>(sql`
  with item as (
    select ${task.id} as task_id, ${task.language}, ${task.domain}
    from ${normingItem} join ${task} on ${task.id} = ${normingItem.taskId}
    where ${itemsOfPass} and not exists (select from ${assignment} seat
      where seat.task_id = ${normingItem.taskId} and (seat.rater_id = ${$("raterId")} or ${mineGivenBack}))
    order by ${normingItem.position} limit 1
  ), fresh as (${makingSeat({ id: sql`uuid7()`, place: sql`0, 0`, from: sql`item` })}) ${selectSeats(sql`fresh`)}`);

/** The next item of the pass that is judged; none when all of it are out to this rater. */
export async function dealNorming(
  tx: Db,
  rater: LockedRater,
  { id: normingId, pass }: NonNullable<LockedRater["norming"]>,
): Promise<Seat | undefined> {
  if (!pass) return undefined;
  const values = { raterId: rater.id, projectId: rater.projectId, normingId, pass, ...leaseOf(rater) };
  const [again] = await takeBack(tx, values);
  if (again) return again;
  const [seat] = await takeNext(tx, values);
  return seat;
}
