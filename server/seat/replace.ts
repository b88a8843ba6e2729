import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment } from "../../db/schema";
import { forgetPlaces } from "./place";

/** What a fresh seat has from the one whose place it takes: the task, and where it stands in the queue. */
const inherited = sql`project_id, task_id, priority, position, selection_probability, drawn_at, language, domain`;

/** A seat for anyone, in the queue where the given one was. */
export async function addOpenSeat(tx: Db, assignmentId: string): Promise<void> {
  await tx.execute(sql`
    insert into ${assignment} (${inherited}) select ${inherited} from ${assignment} where id = ${assignmentId}`);
}

/**
 * Closes seats, which keep their history, and opens a fresh one in the place of each, with the same chance. A seat
 * that is set apart is made when it is given out, and needs none.
 * @param which a condition on `assignment`
 * @returns how many it opened
 */
export async function replaceSeats(tx: Db, which: SQL): Promise<number> {
  const { count } = await tx.execute(sql`
    with closed as (
      update ${assignment} set status = 'closed' where ${which}
      returning ${inherited}, apart
    )
    insert into ${assignment} (${inherited}) select ${inherited} from closed where not apart`);
  forgetPlaces();
  return count;
}
