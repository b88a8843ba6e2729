import { sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { assignment } from "../../db/schema";

export interface SeatCount {
  projectId: string;
  /** Null: nobody has it. */
  raterId: string | null;
  status: (typeof assignment.$inferSelect)["status"];
  count: number;
}

/** How many seats of projects each rater has in each status, without those on gold items, which no task wants. */
export function countSeats(db: Db, projectIds: readonly string[]): Promise<SeatCount[]> {
  return db.execute<SeatCount & Record<string, unknown>>(sql`
    select project_id as "projectId", rater_id as "raterId", status, count(*)::int as count from ${assignment}
    where ${anyOf(assignment.projectId, projectIds)} and not apart group by project_id, rater_id, status`);
}

/** Seats that a project wants, open, held, submitted or sent back, and those of them that are submitted. */
export function progressOf(seats: readonly SeatCount[]): { wanted: number; submitted: number } {
  const sum = (some: readonly SeatCount[]) => some.reduce((total, { count }) => total + count, 0);
  return {
    wanted: sum(seats.filter(({ status }) => status !== "skipped" && status !== "closed")),
    submitted: sum(seats.filter(({ status }) => status === "submitted")),
  };
}
