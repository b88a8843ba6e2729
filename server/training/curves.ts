import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";

export interface Curve {
  name: string;
  /** Step and value, ascending. */
  points: [number, number][];
}

/**
 * The curves of a run. A curve with more points than `maxPoints` is thinned: steps fall into buckets, and of each
 * bucket the lowest and the highest value stay, so that no spike is lost.
 */
export async function curvesOf(
  db: Db,
  { runId, maxPoints }: { runId: string; maxPoints: number },
): Promise<Curve[]> {
  const rows = await db.execute<{ name: string; step: number; value: number }>(sql`
    with numbered as (
      select name, step, value,
        floor((row_number() over (partition by name order by step) - 1)
          / greatest(1, ceil(count(*) over (partition by name) / ${maxPoints / 2}::float8)))::int as bucket
      from metric where run_id = ${runId}
    ), marked as (
      select name, step, value,
        row_number() over (partition by name, bucket order by value, step) as low,
        row_number() over (partition by name, bucket order by value desc, step) as high
      from numbered
    )
    select name, step, value from marked where low = 1 or high = 1 order by name, step`);
  const curves = new Map<string, Curve>();
  for (const { name, step, value } of rows) {
    const curve = curves.get(name) ?? { name, points: [] };
    curves.set(name, curve);
    curve.points.push([step, value]);
  }
  return [...curves.values()];
}
