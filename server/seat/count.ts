import { and, eq, isNull, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, assignment, rater } from "../../db/schema";
import { UNDO_SECONDS } from "./schema";

/** A condition: a judgement that its rater can still take back. */
export const mayBeTakenBack = sql<boolean>`${annotation.createdAt} > now() - make_interval(secs => ${UNDO_SECONDS}::int)`;

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

/**
 * How many of a person's first judgements in projects could still be taken back, those on gold items left out. Whoever
 * is told of seats without these learns no sooner than then which of their answers filled none.
 */
export async function unsettledOf(
  db: Db,
  { personId, projectIds }: { personId: string; projectIds: readonly string[] },
): Promise<Map<string, number>> {
  const rows = await db
    .select({ projectId: annotation.projectId, count: sql<number>`count(*)::int` })
    .from(annotation)
    .innerJoin(rater, eq(rater.id, annotation.raterId))
    .where(
      and(
        eq(rater.personId, personId),
        anyOf(rater.projectId, projectIds),
        eq(annotation.apart, false),
        isNull(annotation.withdrawnAt),
        mayBeTakenBack,
        sql`not exists (select from ${annotation} before where before.assignment_id = ${annotation.assignmentId}
          and before.revision < ${annotation.revision} and before.withdrawn_at is null)`,
      ),
    )
    .groupBy(annotation.projectId);
  return new Map(rows.map(({ projectId, count }) => [projectId, count]));
}
