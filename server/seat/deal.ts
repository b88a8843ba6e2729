import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { assignment, gold, goldAnswer, rater, task, taskSeen } from "../../db/schema";
import type { goldUses } from "../../db/shape/gold";
import { type Seat, selectSeats } from "./blind";
import type { LockedRater } from "./lock";
import { placeOf } from "./place";
import { qualifying } from "./qualification";
import { anywhere, known, leaseOf, leasing, newLease, onwards, queueOrder, skillsOf } from "./suits";

/**
 * Giving gold items out. The seat of an item is made when a rater is given it, and is that rater's alone; what a browser
 * gets of it is what it gets of any seat.
 */

const $ = sql.placeholder;
type Use = (typeof goldUses)[number];

const uses = (some: readonly Use[]) => JSON.stringify(some);

/** An item that is new to the rater, as is its prompt, drawn by chance. */
const item = sql`item as (
    select task.id as task_id, task.language, task.domain from ${gold} join ${task} on task.id = gold.task_id
    where gold.project_id = ${$("projectId")} and gold.retired_at is null
      and gold.use = any(array(select jsonb_array_elements_text(${$("uses")}::text::jsonb))::gold_use[])
      and ${known}
      and not exists (select from ${assignment} mine join ${task} met on met.id = mine.task_id
        where met.prompt_id = task.prompt_id and mine.rater_id = ${$("raterId")})
      and not exists (select from ${assignment} given join ${task} met on met.id = given.task_id
        where met.prompt_id = task.prompt_id and given.lapsed @> jsonb_build_array(jsonb_build_object('raterId', ${$("raterId")}::uuid)))
      and not exists (select from ${taskSeen} seen join ${task} met on met.id = seen.task_id
        where met.prompt_id = task.prompt_id
          and seen.person_id = (select person_id from ${rater} where id = ${$("raterId")}))
    order by random() limit 1
  )`;

/** Makes a seat that is set apart on `item`, and gives it out. */
export const makingSeat = ({ id, place, from }: Record<"id" | "place" | "from", SQL>): SQL => sql`
  insert into ${assignment} (id, project_id, task_id, rater_id, status, priority, position, language, domain,
    leased_at, leased_until, form_version_id, guideline_version_id, apart)
  select ${id}, ${$("projectId")}::uuid, item.task_id, ${$("raterId")}::uuid, 'leased', ${place}, item.language,
    item.domain, clock_timestamp(), ${newLease}, ${$("formVersionId")}::uuid, ${$("guidelineVersionId")}::uuid, true
  from ${from}
  returning *`;

/** Makes the seat, and keeps that the rater was given the item. */
const dealing = ({ before, ...seat }: Record<"before" | "id" | "place" | "from", SQL>): SQL => sql`
  with ${before}, ${item}, fresh as (${makingSeat(seat)}), given as (
    insert into ${goldAnswer} (rater_id, task_id, project_id, assignment_id)
    select rater_id, task_id, project_id, id from fresh
  ) ${selectSeats(sql`fresh`)}`;

/** The part of an id's time below a millisecond, in 4096ths of one. */
const fractionOf = (id: SQL) => sql`('x' || lpad(substr(${id}::text, 16, 3), 8, '0'))::bit(32)::int`;

/** Since when, in the same millisecond, the rater has a seat before `next`; else shortly before that. */
const latest = sql`coalesce(
  (select max(${fractionOf(sql`mine.id`)}) from ${assignment} mine
    where mine.rater_id = ${$("raterId")} and mine.id < next.id
      and mine.id >= (left(next.id::text, 15) || '000-8000-000000000000')::uuid),
  greatest(0, ${fractionOf(sql`next.id`)} - 16))`;

/**
 * An id between those of the rater's last seat and of `next`. Ids begin with the time at which they were made, and one
 * made now among those of an old file would tell what it is. The place in the queue comes from `next`, too.
 */
const besideNext = sql`(left(next.id::text, 15)
  || lpad(to_hex((${latest} + ${fractionOf(sql`next.id`)}) / 2), 3, '0') || right(gen_random_uuid()::text, 18))::uuid`;

const beside = (where: readonly SQL[]) =>
  statement<Seat>(
    dealing({
      before: sql`next as (
        select id, priority, position from ${assignment} where id = coalesce(${sql.join(
          where.map(
            (condition) =>
              sql`(select id from ${assignment} where ${condition} order by ${queueOrder} limit 1)`,
          ),
          sql`, `,
        )})
      )`,
      id: besideNext,
      place: sql`next.priority, next.position`,
      from: sql`next cross join item`,
    }),
  );
const besideAnywhere = beside(anywhere);
const besideOnwards = beside(onwards);

const byItself = statement<Seat>(
  dealing({
    before: sql`alone as (select)`,
    id: sql`uuid7()`,
    place: sql`0, 0`,
    from: sql`item`,
  }),
);

/** A gold seat that the rater gave back or let go, and the item is given out still. */
const takeBack = statement<Seat>(sql`
  with again as (
    update ${assignment} set ${leasing}
    where id = (select seat.id from ${goldAnswer} mine join ${assignment} seat on seat.id = mine.assignment_id
        join ${gold} on gold.task_id = mine.task_id and gold.retired_at is null
      where mine.rater_id = ${$("raterId")} and mine.annotation_id is null and seat.status = 'open'
      order by seat.id limit 1)
    returning *
  ) ${selectSeats(sql`again`)}`);

const valuesOf = (rater: LockedRater) => ({ ...skillsOf(rater), ...leaseOf(rater) });

/**
 * An item among other tasks, with the chance that the project's settings say. None where no other task waits: gold is
 * given out among work, never in its place.
 * @param random uniform in [0, 1)
 */
export async function dealMixed(tx: Db, rater: LockedRater, random: () => number): Promise<Seat | undefined> {
  const { rate } = rater.gold;
  if (rate === 0) return undefined;
  const values = { ...valuesOf(rater), uses: uses(["mixed", "attention"]) };
  // What a rater gave back comes again, as other tasks do.
  const [again] = await takeBack(tx, values);
  if (again || random() >= rate) return again;
  const place = placeOf(rater.id);
  const [seat] = await (place ? besideOnwards(tx, { ...values, ...place }) : besideAnywhere(tx, values));
  return seat;
}

/** The next task of the rater's attempt at the qualification; none when all of it are out, or no more items are there. */
export async function dealQualification(tx: Db, rater: LockedRater): Promise<Seat | undefined> {
  const values = { ...valuesOf(rater), uses: uses(["qualification"]) };
  const [again] = await takeBack(tx, values);
  if (again) return again;
  const state = await qualifying(tx, { raterId: rater.id, policy: rater.gold });
  if (!state || state.given >= state.items) return undefined;
  const [seat] = await byItself(tx, values);
  return seat;
}
