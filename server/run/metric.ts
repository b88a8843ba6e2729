import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { metric } from "../../db/schema";
import { emit } from "../event/events";

export interface Point {
  name: string;
  step: number;
  value: number;
}

/** Points in one statement; PostgreSQL takes 65,535 parameters, four a point. */
const POINTS_AT_ONCE = 5000;

/** Stores points of curves. A point written again, after a resume, takes the place of the old one. */
export async function recordMetrics(db: Db, runId: string, points: readonly Point[]): Promise<void> {
  const unique = [...new Map(points.map((point) => [`${point.step} ${point.name}`, point])).values()];
  for (let start = 0; start < unique.length; start += POINTS_AT_ONCE)
    await db
      .insert(metric)
      .values(unique.slice(start, start + POINTS_AT_ONCE).map((point) => ({ runId, ...point })))
      .onConflictDoUpdate({
        target: [metric.runId, metric.name, metric.step],
        set: { value: sql`excluded.value`, at: sql`now()` },
      });
  const newest = unique.at(-1);
  if (newest) await emit(db, `run:${runId}`, "metrics", { step: newest.step });
}
