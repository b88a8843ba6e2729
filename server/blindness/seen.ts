import { and, eq, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { assignment, rater, taskSeen } from "../../db/schema";
import { opened } from "./opened";

interface Shown {
  taskId: string;
  /** Whose answers were shown; absent when it was everything about the task. */
  raterId?: string;
}

/** What a row with somebody's answers shows. */
export const answersIn = ({ taskId, rater: { id } }: { taskId: string; rater: { id: string } }): Shown => ({
  taskId,
  raterId: id,
});

/**
 * Keeps that a person was shown others' answers to tasks, or their sources. A seat they hold on one of them goes to
 * somebody who has seen nothing.
 * @param byDeciding they were shown nothing: they decided a task, and take no seat of it any more
 */
export async function noteSeen(
  db: Db,
  {
    personId,
    shown,
    byDeciding = false,
  }: { personId: string; shown: readonly Shown[]; byDeciding?: boolean },
): Promise<void> {
  if (shown.length === 0) return;
  const own = db.select({ id: rater.id }).from(rater).where(eq(rater.personId, personId));
  const mine = new Set((await own).map(({ id }) => id));
  const taskIds = [
    ...new Set(shown.flatMap(({ taskId, raterId }) => (raterId && mine.has(raterId) ? [] : taskId))),
  ];
  if (taskIds.length === 0) return;
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into ${taskSeen} as known (task_id, person_id, by_deciding)
      select task_id, ${personId}::uuid, ${byDeciding} from unnest(${`{${taskIds.join(",")}}`}::uuid[]) task_id
      on conflict (task_id, person_id) do update set at = excluded.at, by_deciding = false
        where known.by_deciding and not excluded.by_deciding`);
    await tx
      .update(assignment)
      .set(opened)
      .where(
        and(
          anyOf(assignment.taskId, taskIds),
          eq(assignment.status, "leased"),
          sql`${assignment.raterId} in (${own})`,
        ),
      );
  });
}

/** Whether the person who is a rater was shown others' answers to a task, or its sources, or has decided it. */
export async function hasSeen(
  db: Db,
  { raterId, taskId }: { raterId: string; taskId: string },
): Promise<boolean> {
  const [found] = await db
    .select({ at: taskSeen.at })
    .from(taskSeen)
    .innerJoin(rater, eq(rater.personId, taskSeen.personId))
    .where(and(eq(taskSeen.taskId, taskId), eq(rater.id, raterId)));
  return found !== undefined;
}

/** When a person was first shown others' answers to a task, or its sources; null for whoever was not. */
export async function seenSince(
  db: Db,
  { personId, taskId }: { personId: string; taskId: string },
): Promise<Date | null> {
  const [found] = await db
    .select({ at: taskSeen.at })
    .from(taskSeen)
    .where(and(eq(taskSeen.taskId, taskId), eq(taskSeen.personId, personId), eq(taskSeen.byDeciding, false)));
  return found?.at ?? null;
}

/** Said to whoever would still judge what they have seen. */
export const SEEN =
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.";
