import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment } from "../../db/schema";
import { forgetPlaces } from "./place";

/**
 * Closes seats, which keep their history, and opens a fresh one in the place of each, with the same chance. A gold seat
 * is made when it is given out, and needs none.
 * @param which a condition on `assignment`
 * @returns how many it opened
 */
export async function replaceSeats(tx: Db, which: SQL): Promise<number> {
  const { count } = await tx.execute(sql`
    with closed as (
      update ${assignment} set status = 'closed' where ${which}
      returning project_id, task_id, priority, position, selection_probability, drawn_at, language, domain, apart
    )
    insert into ${assignment} (project_id, task_id, priority, position, selection_probability, drawn_at, language, domain)
    select project_id, task_id, priority, position, selection_probability, drawn_at, language, domain from closed
    where not apart`);
  forgetPlaces();
  return count;
}
