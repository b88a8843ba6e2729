import { and, asc, eq, exists, gt, inArray, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { assignment, isToJudge, prompt, rater, task } from "../../db/schema";
import { excerpt, promptsWhere } from "../content/list";
import { groupBy } from "../group";
import type { seatSchema, taskFilterSchema, taskRowSchema } from "./schema";

type Seat = z.infer<typeof seatSchema>;
type Row = z.infer<typeof taskRowSchema>;
type Filter = z.infer<typeof taskFilterSchema> & { projectId: string };

const reserved = alias(rater, "reserved");

/** All seats of the tasks, by task, oldest first. */
export async function seatsOf(db: Db, taskIds: readonly string[]): Promise<Map<string, Seat[]>> {
  const rows = await db
    .select({
      taskId: assignment.taskId,
      assignmentId: assignment.id,
      status: assignment.status,
      rater: { id: rater.id, name: rater.name },
      reservedFor: { id: reserved.id, name: reserved.name },
      leasedUntil: assignment.leasedUntil,
      skipReason: assignment.skipReason,
      skipNote: assignment.skipNote,
      returnComment: assignment.returnComment,
    })
    .from(assignment)
    .leftJoin(rater, eq(rater.id, assignment.raterId))
    .leftJoin(reserved, eq(reserved.id, assignment.reservedFor))
    .where(inArray(assignment.taskId, [...taskIds]))
    .orderBy(asc(assignment.id));
  return groupBy(rows, ({ taskId }) => taskId);
}

const submitted = sql<number>`(select count(*) from ${assignment}
  where ${assignment.taskId} = ${task.id} and ${assignment.status} = 'submitted')`.mapWith(Number);

function stateIs(state: Filter["state"]): SQL | undefined {
  switch (state) {
    case "waiting":
      return sql`${submitted} = 0`;
    case "started":
      return sql`${submitted} > 0 and ${submitted} < ${task.overlap}`;
    case "done":
      return sql`${submitted} >= ${task.overlap}`;
    case undefined:
      return undefined;
  }
}

/** Tasks in the order of their creation with all their seats, one page after `cursor` (a position). */
export async function listTasks(
  db: Db,
  { cursor, limit, state, raterId, ...filter }: Filter & { cursor?: number; limit: number },
): Promise<{ items: Row[]; total: number; nextCursor: number | null }> {
  const seatOfRater = raterId
    ? exists(
        db
          .select({ one: sql`1` })
          .from(assignment)
          .where(and(eq(assignment.taskId, task.id), eq(assignment.raterId, raterId))),
      )
    : undefined;
  const where = and(
    eq(task.projectId, filter.projectId),
    isToJudge,
    await promptsWhere(db, filter),
    seatOfRater,
    stateIs(state),
  );
  const [page, [{ total }]] = await Promise.all([
    db
      .select({
        id: task.id,
        promptId: task.promptId,
        excerpt,
        responses: sql<number>`cardinality(${task.responseIds})`,
        overlap: task.overlap,
        priority: task.priority,
        position: task.position,
        language: task.language,
        domain: task.domain,
        submitted,
        createdAt: task.createdAt,
      })
      .from(task)
      .innerJoin(prompt, eq(prompt.id, task.promptId))
      .where(and(where, cursor !== undefined ? gt(task.position, cursor) : undefined))
      .orderBy(asc(task.position))
      .limit(limit),
    db
      .select({ total: sql<number>`count(*)`.mapWith(Number) })
      .from(task)
      .innerJoin(prompt, eq(prompt.id, task.promptId))
      .where(where),
  ]);
  const seats = await seatsOf(
    db,
    page.map(({ id }) => id),
  );
  return {
    items: page.map(({ position: _, ...row }) => ({ ...row, seats: seats.get(row.id) ?? [] })),
    total,
    nextCursor: page.length === limit ? page[page.length - 1].position : null,
  };
}
