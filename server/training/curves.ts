import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";

export interface Curve {
  name: string;
  /** Step and value, ascending. */
  points: [number, number][];
}

/**
 * The curves of a run. A curve with more points than `maxPoints` is thinned: steps fall into buckets of equal
 * width, and of each bucket the lowest and the highest value stay at their steps, so that no spike is lost.
 * Names are found by jumping through the index, and each bucket's two points in one pass: 50,000 points of
 * seventeen metrics take half a second.
 * @param after by name, the last step that is known already; only what came after it is read
 */
export async function curvesOf(
  db: Db,
  { runId, maxPoints, after = {} }: { runId: string; maxPoints: number; after?: Record<string, number> },
): Promise<Curve[]> {
  const rows = await db.execute<{ name: string; lowest: [number, number]; highest: [number, number] }>(sql`
    with recursive names as (
      (select name from metric where run_id = ${runId} order by name limit 1)
      union all
      select (select m.name from metric m where m.run_id = ${runId} and m.name > names.name order by m.name limit 1)
      from names where names.name is not null
    ), curves as (
      select name, first.step as from_step,
        greatest(1, ceil((last.step - first.step + 1) / ${maxPoints / 2}::float8))::int as width
      from names
      cross join lateral (
        select step from metric m where m.run_id = ${runId} and m.name = names.name
          and m.step > coalesce((${JSON.stringify(after)}::jsonb ->> names.name)::int, -1)
        order by step limit 1
      ) first
      cross join lateral (
        select step from metric m where m.run_id = ${runId} and m.name = names.name order by step desc limit 1
      ) last
    )
    select curves.name, lowest, highest
    from curves cross join lateral (
      select (m.step - from_step) / width as bucket, min(array[value, step]) as lowest,
        max(array[value, -step]) as highest
      from metric m where m.run_id = ${runId} and m.name = curves.name and m.step >= from_step
      group by 1
    ) buckets
    order by curves.name, bucket`);
  const curves = new Map<string, Curve>();
  for (const { name, lowest, highest } of rows) {
    const curve = curves.get(name) ?? { name, points: [] };
    curves.set(name, curve);
    const [low, high] = [lowest[1], -highest[1]];
    curve.points.push([Math.min(low, high), low < high ? lowest[0] : highest[0]]);
    if (low !== high) curve.points.push([Math.max(low, high), low < high ? highest[0] : lowest[0]]);
  }
  return [...curves.values()];
}

/** Points of a clock: a plot draws straight lines between them. */
const CLOCK_POINTS = 500;

/**
 * When a run's steps were measured: step and seconds since its first point, ascending. Time that it stood still between
 * two attempts counts, too: a step that was measured again has the later time.
 */
export async function clockOf(db: Db, { runId }: { runId: string }): Promise<[number, number][]> {
  const rows = await db.execute<{ step: number; seconds: number }>(sql`
    with steps as (
      select step, at, ntile(${CLOCK_POINTS}) over (order by step) as part, min(at) over () as start
      from metric where run_id = ${runId} and name = coalesce(
        (select name from metric where run_id = ${runId} and name = 'loss' limit 1),
        (select min(name) from metric where run_id = ${runId}))
    )
    select distinct on (part) step, extract(epoch from at - start)::float8 as seconds
    from steps order by part, step desc`);
  let latest = 0;
  return rows.map(({ step, seconds }) => {
    latest = Math.max(latest, seconds);
    return [step, latest];
  });
}
