import { randomInt } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { prepared } from "../../db/prepared";
import { assignment, orderBalance } from "../../db/schema";
import { formQuestions } from "../project/versions";
import { blind, readSeats, type Seat } from "./blind";
import { drawOrder } from "./order";
import { placeOf, rememberPlace } from "./place";
import { type LockedRater, lockRater, type RaterKey, todayUtc } from "./rater";
import type { BlindTask, Claimed, Hold, NothingReason } from "./schema";

/**
 * Takes seats until the rater holds as many as wanted, renews those already held, and answers with the tasks that
 * the caller does not have yet. Four statements in a transaction, where the rater holds nothing yet.
 */
export async function claimSeats(db: Db, { hold, have, ...key }: Hold & RaterKey): Promise<Claimed> {
  return db.transaction(async (tx) => {
    const rater = await lockRater(tx, key);
    const held = rater.held.length > 0 ? await renewHeld(tx, rater) : [];
    const fresh: string[] = [];
    while (!rater.isArchived && held.length + fresh.length < hold) {
      const id = await takeSeat(tx, rater);
      if (!id) break;
      fresh.push(id);
    }
    const unknown = [...held.filter((id) => !have.includes(id)), ...fresh];
    const seats = unknown.length > 0 ? await readSeats(tx, unknown) : [];
    await drawOrders(
      tx,
      rater,
      seats.filter((seat) => fresh.includes(seat.id)),
    );
    return {
      tasks: await Promise.all(seats.map((seat) => show(tx, seat))),
      nothing: held.length + fresh.length < hold ? await whyNothing(tx, rater) : null,
    };
  });
}

async function show(tx: Db, seat: Seat): Promise<BlindTask> {
  if (!seat.order || !seat.formVersionId) throw new Error(`The seat ${seat.id} was leased without an order.`);
  return blind(seat, await formQuestions(tx, seat.formVersionId), seat.order);
}

/** A rater who comes back keeps the seats whose lease ran out, unless another rater has taken them. */
async function renewHeld(tx: Db, rater: LockedRater): Promise<string[]> {
  const renewed = await prepared<{ id: string }>(
    tx,
    sql`update ${assignment} set leased_until = now() + make_interval(secs => ${rater.leaseSeconds})
      where rater_id = ${rater.id} and status = 'leased' and project_id = ${rater.projectId} returning id`,
  );
  return renewed.map(({ id }) => id);
}

/** `{a,b}` as PostgreSQL reads an array. */
const textArray = (values: readonly string[]) =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb))`;

/** The seats of the project that are for this rater: by name, language and domain, on tasks new to the rater. */
function suits(rater: LockedRater): SQL {
  const languages = textArray(rater.languages);
  const skills = [
    rater.languages.length > 0
      ? sql`(language is null or language = any(${languages}) or split_part(language, '-', 1) = any(${languages}))`
      : undefined,
    rater.domains.length > 0 ? sql`(domain is null or domain = any(${textArray(rater.domains)}))` : undefined,
  ].filter((condition) => condition !== undefined);
  // `offset 0` keeps this one index probe for each seat looked at; as a join, all seats of the rater would be read.
  const unseen = sql`not exists (select from ${assignment} mine
    where mine.task_id = ${assignment.taskId} and mine.rater_id = ${rater.id} offset 0)`;
  return sql.join(
    [
      sql`project_id = ${rater.projectId}`,
      sql`(reserved_for is null or reserved_for = ${rater.id})`,
      ...skills,
      unseen,
    ],
    sql` and `,
  );
}

const free = sql`status in ('open', 'leased') and (status = 'open' or leased_until < now())`;

/** One seat: behind the rater's place in the queue, else anywhere. */
async function takeSeat(tx: Db, rater: LockedRater): Promise<string | null> {
  const anywhere = sql`${free} and ${suits(rater)}`;
  const place = placeOf(rater.id);
  const onwards = place && [
    sql`priority = ${place.priority} and position > ${place.position} and ${anywhere}`,
    sql`priority < ${place.priority} and ${anywhere}`,
  ];
  const [id] = await claim(tx, {
    table: assignment,
    where: [...(onwards ?? []), anywhere],
    // Spelled as the index `assignment_claimable` is, which else would not be used.
    orderBy: sql`priority desc nulls last, position`,
    set: sql`status = 'leased', rater_id = ${rater.id}, leased_at = clock_timestamp(),
      leased_until = now() + make_interval(secs => ${rater.leaseSeconds}),
      lapsed = case when rater_id is null then lapsed else ${lapsedLease} end, "order" = null,
      form_version_id = ${rater.formVersionId}, guideline_version_id = ${rater.guidelineVersionId}`,
  });
  return id ?? null;
}

/** What the seat's last rater was shown, as `assignment.lapsed` keeps it. */
export const lapsedLease = sql`jsonb_build_object('raterId', rater_id, 'order', "order",
  'formVersionId', form_version_id, 'guidelineVersionId', guideline_version_id)`;

/** Uniform in [0, 1), and not to be foretold from earlier draws as `Math.random` is. */
const unguessable = () => randomInt(2 ** 32) / 2 ** 32;

/** Draws the order of each new seat and counts it for the rater's day. */
async function drawOrders(tx: Db, rater: LockedRater, seats: readonly Seat[]): Promise<void> {
  if (seats.length === 0) return;
  const { dayFirsts } = rater;
  for (const seat of seats) {
    const k = seat.contents.length;
    seat.order = drawOrder({ k, taskFirsts: seat.taskFirsts, dayFirsts }, unguessable);
    while (dayFirsts.length < k) dayFirsts.push(0);
    if (k > 0) dayFirsts[seat.order[0]] += 1;
    rememberPlace(rater.id, seat);
  }
  const drawn = JSON.stringify(seats.map(({ id, order }) => ({ id, drawn: order })));
  await prepared(
    tx,
    sql`with counted as (
        insert into ${orderBalance} (rater_id, day, first_counts)
        values (${rater.id}, ${todayUtc}, ${`{${dayFirsts.join(",")}}`}::int[])
        on conflict (rater_id, day) do update set first_counts = excluded.first_counts
      )
      update ${assignment} set "order" = drawn
      from jsonb_to_recordset(${drawn}::text::jsonb) as seat (id uuid, drawn smallint[])
      where ${assignment.id} = seat.id`,
  );
}

/** Asked only when a rater goes without. */
async function whyNothing(tx: Db, rater: LockedRater): Promise<NothingReason> {
  if (rater.isArchived) return "archived";
  const some = (condition: SQL) => sql<boolean>`exists (select from ${assignment}
    where project_id = ${rater.projectId} and ${condition})`;
  const [seats] = await tx.execute<{ later: boolean; open: boolean; any: boolean }>(sql`select
    ${some(sql`status = 'leased' and ${suits(rater)}`)} as later,
    ${some(sql`status = 'open'`)} as open,
    ${some(sql`true`)} as any`);
  if (seats.later) return "held_by_others";
  if (seats.open) return "not_for_you";
  return seats.any ? "done" : "no_tasks";
}
