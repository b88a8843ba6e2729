import { randomInt } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claimQuery } from "../../db/lease";
import { statement } from "../../db/prepared";
import { annotation, assignment, goldAnswer, isToJudge, orderBalance, rater, task } from "../../db/schema";
import { formQuestions } from "../form/versions";
import { blind, drawnOn, readSeats, type Seat, selectSeats } from "./blind";
import { mayBeTakenBack } from "./count";
import { dealMixed, dealQualification } from "./deal";
import { dealNorming } from "./deal-norming";
import { type LockedRater, lockRater, todayUtc } from "./lock";
import { drawOrder } from "./order";
import { placeOf, rememberPlace } from "./place";
import type { BlindTask, Claimed, Hold, NothingReason } from "./schema";
import { anywhere, leaseOf, leasing, newLease, onwards, queueOrder, skillsOf, suits } from "./suits";

/**
 * Takes seats until the rater holds as many as wanted, and more ahead as far as others leave them, renews those already
 * held, and answers with the tasks that the caller does not have yet. Three statements in a transaction, where the rater holds nothing yet.
 */
export async function claimSeats(
  db: Db,
  { hold, ahead, have, raterId }: Hold & { raterId: string },
): Promise<Claimed> {
  return db.transaction(async (tx) => {
    const rater = await lockRater(tx, raterId);
    const held = rater.held.length > 0 ? await renewHeld(tx, rater) : [];
    const fresh: Seat[] = [];
    const enough = Math.max(hold, held.length);
    const spare = enough < hold + ahead ? (await spareSeats(tx, rater)) - (enough - held.length) : 0;
    const wanted = Math.min(hold + ahead, enough + Math.max(0, spare));
    while (mayJudge(rater) && held.length + fresh.length < wanted) {
      const seat = await nextSeat(tx, rater);
      if (!seat) break;
      fresh.push(seat);
    }
    await drawOrders(tx, rater, fresh);
    const unknown = held.filter((id) => !have.includes(id));
    const seats = [...(unknown.length > 0 ? await readSeats(tx, unknown) : []), ...fresh];
    return {
      tasks: await Promise.all(seats.map((seat) => show(tx, seat))),
      nothing: held.length + fresh.length < hold ? await whyNothing(tx, rater) : null,
    };
  });
}

const mayJudge = ({ isArchived, hasWithdrawn, blockReason }: LockedRater) =>
  !isArchived && !hasWithdrawn && blockReason === null;

/** For each other rater at work. */
const LEFT_FOR_EACH = 10;
/** For one who may come. */
const LEFT_FOR_NEXT = 3;

const countSpare = statement<{ spare: number }>(sql`
  with others as (
    select count(*)::int as n from ${rater} other
    where other.project_id = ${sql.placeholder("projectId")} and other.id <> ${sql.placeholder("raterId")}
      and exists (select from ${assignment} where ${assignment.raterId} = other.id and ${assignment.status} = 'leased'
        and ${assignment.leasedUntil} > now())
  )
  select greatest(0, count(*) - ${LEFT_FOR_EACH}::int * n - ${LEFT_FOR_NEXT}::int)::int as spare
  from others left join lateral (
    select 1 from ${assignment}
    where project_id = ${sql.placeholder("projectId")} and status = 'open' and not apart
    limit ${LEFT_FOR_EACH}::int * (n + 2) + ${LEFT_FOR_NEXT}::int
  ) waiting on true
  group by n`);

/**
 * How many open seats a rater may take ahead, for a time without the server, so that nobody else at work runs dry and
 * whoever comes finds some.
 */
async function spareSeats(tx: Db, { id, projectId }: LockedRater): Promise<number> {
  const [{ spare }] = await countSpare(tx, { raterId: id, projectId });
  return spare;
}

async function show(tx: Db, seat: Seat): Promise<BlindTask> {
  return blind(seat, await formQuestions(tx, drawnOn(seat).formVersionId));
}

const $ = sql.placeholder;

const renew = statement<{ id: string }>(sql`
  update ${assignment} set leased_until = ${newLease}
  where rater_id = ${$("raterId")} and status = 'leased' and project_id = ${$("projectId")} returning id`);

/** A rater who comes back keeps the seats whose lease ran out, unless another rater has taken them. */
async function renewHeld(tx: Db, { id, projectId, leaseSeconds }: LockedRater): Promise<string[]> {
  const renewed = await renew(tx, { raterId: id, projectId, leaseSeconds });
  return renewed.map((seat) => seat.id);
}

const take = (where: SQL[]) =>
  statement<Seat>(
    claimQuery({
      table: assignment,
      where,
      orderBy: queueOrder,
      set: leasing,
      select: selectSeats(sql`claimed`),
    }),
  );

const takeAnywhere = take(anywhere);
const takeOnwards = take(onwards);

/**
 * A gold item where one is due, else the next seat of the queue. Before the qualification is passed there is no queue; a
 * norming comes before it.
 */
async function nextSeat(tx: Db, rater: LockedRater): Promise<Seat | undefined> {
  if (rater.gold.qualification && !rater.isQualified) return dealQualification(tx, rater);
  if (rater.norming) {
    const item = await dealNorming(tx, rater, rater.norming);
    if (item || rater.norming.holdsWork) return item;
  }
  return (await dealMixed(tx, rater, unguessable)) ?? takeSeat(tx, rater);
}

async function takeSeat(tx: Db, rater: LockedRater): Promise<Seat | undefined> {
  const values = { ...skillsOf(rater), ...leaseOf(rater) };
  const place = placeOf(rater.id);
  const [seat] = await (place ? takeOnwards(tx, { ...values, ...place }) : takeAnywhere(tx, values));
  return seat;
}

/** Beyond so many it does not matter to one rater how many more wait. */
const MOST_WAITING = 1000;
/** Of the open ones so many are counted that what is at hand, or judged just now, changes nothing beyond the most. */
const MOST_COUNTED = MOST_WAITING + 100;

const countWaiting = statement<{ held: number; golden: number; open: number }>(sql`select
  (select count(*)::int from ${assignment} where ${assignment.raterId} = ${$("raterId")} and status = 'leased' and not apart) as held,
  (select count(*)::int from ${goldAnswer} join ${annotation} on ${annotation.id} = ${goldAnswer.annotationId}
    where ${goldAnswer.raterId} = ${$("raterId")} and ${mayBeTakenBack}) as golden,
  (select count(*)::int from (
    select distinct task_id from ${assignment} where status = 'open' and ${suits} limit ${MOST_COUNTED}::int
  ) tasks) as open`);

/**
 * How many tasks a rater could judge now: those at hand, and those with an open seat that suits. Other raters take from
 * the same. Gold items are not among them: were they, the number would rise when one is at hand. An answer to one takes
 * one away as any judgement does, as long as it can be taken back: else a rater would see which answer to think over.
 * @returns at most a thousand, and whether there are more
 */
export async function waitingFor(
  db: Db,
  rater: Pick<LockedRater, "id" | "projectId" | "languages" | "domains">,
): Promise<{ waiting: number; moreWaiting: boolean }> {
  const [{ held, golden, open }] = await countWaiting(db, skillsOf(rater));
  const all = Math.max(0, held + open - golden);
  return { waiting: Math.min(all, MOST_WAITING), moreWaiting: all > MOST_WAITING };
}

const storeOrders = statement(sql`
  with counted as (
    insert into ${orderBalance} (rater_id, day, first_counts)
    values (${$("raterId")}, ${todayUtc}, ${$("dayFirsts")}::int[])
    on conflict (rater_id, day) do update set first_counts = excluded.first_counts
  )
  update ${assignment} set "order" = drawn
  from jsonb_to_recordset(${$("orders")}::text::jsonb) as seat (id uuid, drawn smallint[])
  where ${assignment.id} = seat.id`);

/** Draws the order of each new seat and counts it for the rater's day. */
async function drawOrders(tx: Db, rater: LockedRater, seats: readonly Seat[]): Promise<void> {
  if (seats.length === 0) return;
  const { dayFirsts } = rater;
  for (const seat of seats) {
    const k = seat.contents.length;
    seat.order = drawOrder({ k, taskFirsts: seat.taskFirsts, dayFirsts }, unguessable);
    while (dayFirsts.length < k) dayFirsts.push(0);
    if (k > 0) dayFirsts[seat.order[0]] += 1;
    // A seat that is set apart stands beside the queue.
    if (!seat.apart) rememberPlace(rater.id, seat);
  }
  await storeOrders(tx, {
    raterId: rater.id,
    dayFirsts: `{${dayFirsts.join(",")}}`,
    orders: JSON.stringify(seats.map(({ id, order }) => ({ id, drawn: order }))),
  });
}

/** Uniform in [0, 1), and not to be foretold from earlier draws as `Math.random` is. */
const unguessable = () => randomInt(2 ** 32) / 2 ** 32;

const some = (condition: SQL) => sql`exists (select from ${assignment}
  where project_id = ${$("projectId")} and not apart and ${condition})`;

const lookAround = statement<{ later: boolean; open: boolean; any: boolean }>(sql`select
  ${some(sql`status = 'leased' and ${suits}`)} as later, ${some(sql`status = 'open'`)} as open,
  exists (select from ${task} where project_id = ${$("projectId")} and ${isToJudge}) as any`);

/** Asked only when a rater goes without. */
async function whyNothing(tx: Db, rater: LockedRater): Promise<NothingReason> {
  if (rater.isArchived) return "archived";
  if (rater.hasWithdrawn) return "no_consent";
  if (rater.blockReason) return rater.blockReason === "qualification" ? "not_qualified" : "blocked";
  if (rater.gold.qualification && !rater.isQualified) return "qualifying";
  if (rater.norming?.holdsWork) return "norming";
  const [seats] = await lookAround(tx, skillsOf(rater));
  if (seats.later) return "held_by_others";
  if (seats.open) return "not_for_you";
  return seats.any ? "done" : "no_tasks";
}
