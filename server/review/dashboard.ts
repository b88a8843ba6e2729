import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, isToJudge, rater, task } from "../../db/schema";
import { countSeats, progressOf, type SeatCount } from "../seat/count";
import type { Dashboard } from "./schema";
import { votesByQuestion } from "./votes";

/** Days of work that the pace is taken from, and days that are shown. */
const PACE_DAYS = 7;
const SHOWN_DAYS = 30;
/** A rater's time per judgement is the median over this many of the newest. */
const NEWEST = 500;
const FLAGS = 20;

/** How a project is doing now. */
export async function dashboardOf(db: Db, { projectId }: { projectId: string }): Promise<Dashboard> {
  const [raters, seats, tasks, work, times, questions, flags] = await Promise.all([
    db
      .select({ id: rater.id, name: rater.name, kind: rater.kind })
      .from(rater)
      .where(eq(rater.projectId, projectId)),
    countSeats(db, [projectId]),
    countTasks(db, projectId),
    countWork(db, projectId),
    medianTimes(db, projectId),
    votesByQuestion(db, projectId),
    readFlags(db, projectId),
  ]);
  const seatsWith = (status: SeatCount["status"], raterId?: string) =>
    seats
      .filter((row) => row.status === status && (raterId === undefined || row.raterId === raterId))
      .reduce((sum, row) => sum + row.count, 0);
  const today = new Date().toISOString().slice(0, 10);
  const days = daysOf(work);
  const { wanted, submitted } = progressOf(seats);
  return {
    tasks,
    seats: {
      wanted,
      submitted,
      leased: seatsWith("leased"),
      returned: seatsWith("returned"),
      skipped: seatsWith("skipped"),
    },
    pace: {
      lastHour: work.reduce((sum, row) => sum + row.last_hour, 0),
      lastDay: work.reduce((sum, row) => sum + row.last_day, 0),
      days: days.slice(-SHOWN_DAYS),
    },
    forecast: forecastOf(wanted - submitted, days),
    raters: raters
      .map((who) => {
        const mine = work.filter((row) => row.rater_id === who.id);
        return {
          ...who,
          submitted: mine.reduce((sum, row) => sum + row.count, 0),
          today: mine.find((row) => row.day === today)?.here ?? 0,
          lastAt: mine.length > 0 ? new Date(Math.max(...mine.map((row) => Date.parse(row.last)))) : null,
          medianSeconds: times.find((row) => row.rater_id === who.id)?.seconds ?? null,
          skipped: seatsWith("skipped", who.id),
          flagged: flags.filter((flag) => flag.rater.id === who.id).length,
          returned: seatsWith("returned", who.id),
          held: seatsWith("leased", who.id),
        };
      })
      .sort((one, other) => other.submitted - one.submitted),
    questions,
    flags: { count: flags.length, newest: flags.slice(0, FLAGS) },
  };
}

async function countTasks(db: Db, projectId: string): Promise<Dashboard["tasks"]> {
  const [counts] = await db.execute<Dashboard["tasks"]>(sql`
    select count(*)::int as total,
      count(*) filter (where judged.count >= overlap)::int as done,
      count(*) filter (where judged.count < overlap)::int as started,
      count(*) filter (where judged.count is null)::int as waiting
    from ${task} left join (
      select task_id, count(*) as count from ${assignment}
      where ${assignment.projectId} = ${projectId} and status = 'submitted' group by task_id
    ) judged on judged.task_id = ${task.id}
    where ${task.projectId} = ${projectId} and ${isToJudge}`);
  return counts;
}

interface Work extends Record<string, unknown> {
  rater_id: string;
  /** In UTC. */
  day: string;
  count: number;
  /** Of `count`, what people judged here: labels that came with a file, or from a model, are no work of that day. */
  here: number;
  last: string;
  last_hour: number;
  last_day: number;
}

/** What each rater submitted on each day, from an index alone; what is the same for every judgement is reckoned once. */
function countWork(db: Db, projectId: string) {
  const isHere = sql`origin not in ('import', 'model')`;
  return db.execute<Work>(sql`
    select rater_id, to_char(day, 'YYYY-MM-DD') as day, count, here, last, last_hour, last_day from (
      select rater_id, (submitted_at at time zone interval '0')::date as day, count(*)::int as count,
        count(*) filter (where ${isHere})::int as here, max(submitted_at) as last,
        count(*) filter (where ${isHere} and submitted_at > ago.hour)::int as last_hour,
        count(*) filter (where ${isHere} and submitted_at > ago.day)::int as last_day
      from ${annotation},
        (select now() - interval '1 hour' as hour, now() - interval '1 day' as day offset 0) ago
      where current and not apart and rater_id in (select id from ${rater} where ${rater.projectId} = ${projectId})
      group by 1, 2
    ) work order by day`);
}

function daysOf(work: readonly Work[]): { day: string; count: number }[] {
  const days = new Map<string, number>();
  for (const { day, here } of work) if (here > 0) days.set(day, (days.get(day) ?? 0) + here);
  return [...days].map(([day, count]) => ({ day, count }));
}

/** When the remaining work ends if it goes on as on the last days with work; idle days in between count. */
function forecastOf(
  remaining: number,
  days: readonly { day: string; count: number }[],
): Dashboard["forecast"] {
  const recent = days.slice(-PACE_DAYS);
  if (recent.length === 0) return { remaining, perDay: null, finishAt: null };
  const since = Date.parse(recent[0].day);
  const elapsed = Math.max((Date.now() - since) / 86_400_000, 1 / 24);
  const perDay = recent.reduce((sum, { count }) => sum + count, 0) / elapsed;
  const finishAt = remaining > 0 ? new Date(Date.now() + (remaining / perDay) * 86_400_000) : null;
  return { remaining, perDay, finishAt };
}

function medianTimes(db: Db, projectId: string) {
  return db.execute<{ rater_id: string; seconds: number | null }>(sql`
    select ${rater.id} as rater_id, median.seconds from ${rater}
    cross join lateral (
      select percentile_cont(0.5) within group (order by visible_ms) / 1000 as seconds from (
        select visible_ms from ${annotation}
        where ${annotation.raterId} = ${rater.id} and current and visible_ms is not null
        order by submitted_at desc limit ${NEWEST}
      ) newest
    ) median
    where ${rater.projectId} = ${projectId}`);
}

async function readFlags(db: Db, projectId: string) {
  const flags = await db
    .select({
      annotationId: annotation.id,
      taskId: annotation.taskId,
      reason: annotation.flagReason,
      rater: { id: rater.id, name: rater.name },
      at: annotation.submittedAt,
    })
    .from(annotation)
    .innerJoin(rater, eq(rater.id, annotation.raterId))
    .where(and(eq(annotation.projectId, projectId), sql`current`, isNotNull(annotation.flagReason)))
    .orderBy(desc(annotation.submittedAt));
  return flags.map(({ reason, ...flag }) => ({ ...flag, reason: reason ?? "" }));
}
