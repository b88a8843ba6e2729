import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, rater, task } from "../../db/schema";
import { opened } from "../blindness/opened";
import { wanted } from "./overlap";
import { forgetPlaces } from "./place";
import { replaceSeats } from "./replace";
import { orderNewSeats } from "./selection";

/**
 * The seats of a rater whose consent changes. While it is withdrawn the rater's judgements count nowhere, so others get
 * a fresh seat for each; the rater's own is closed, keeps its judgement, and comes back with the consent.
 */
interface Whose {
  projectId: string;
  raterId: string;
}

/**
 * Keeps the rater from claiming and submitting until the transaction ends. A claim has the rater before the seats, a
 * submission the seat before the rater: so the rater is held weakly first, and the seats before it is held for good.
 */
export async function holdSeats(tx: Db, { projectId, raterId }: Whose): Promise<void> {
  await tx.execute(sql`
    select from ${rater} where ${rater.id} = ${raterId} and ${rater.projectId} = ${projectId} for no key update`);
  await tx.execute(sql`
    select from ${assignment} where ${assignment.raterId} = ${raterId} order by ${assignment.id} for update`);
}

/** What the rater holds, and what is kept for them, is open to others. */
export async function giveUpSeats(tx: Db, raterId: string): Promise<void> {
  await tx
    .update(assignment)
    .set({ ...opened, reservedFor: null })
    .where(and(eq(assignment.raterId, raterId), eq(assignment.status, "leased")));
  await tx
    .update(assignment)
    .set({ reservedFor: null })
    .where(and(eq(assignment.reservedFor, raterId), eq(assignment.status, "open")));
  forgetPlaces();
}

/** After a consent was withdrawn: what the rater holds, judged or was to judge is open to others. */
export async function leaveSeats(tx: Db, { projectId, raterId }: Whose): Promise<void> {
  await giveUpSeats(tx, raterId);
  await replaceSeats(
    tx,
    sql`${assignment.raterId} = ${raterId} and ${assignment.status} in ('submitted', 'returned')`,
  );
  await orderNewSeats(tx, projectId);
}

/**
 * After a consent was given again: the seats are the rater's as they were, and fresh ones that nobody took meanwhile
 * close. What others judged stays, so that such a task may have more judgements than were asked for; none is lost.
 */
export async function returnToSeats(tx: Db, { projectId, raterId }: Whose): Promise<void> {
  await tx.execute(sql`
    update ${assignment}
    set status = case when return_comment is null then 'submitted' else 'returned' end::assignment_status
    where ${assignment.raterId} = ${raterId} and ${assignment.status} = 'closed'
      and exists (select from ${annotation} where ${annotation.assignmentId} = ${assignment.id} and current)`);
  await tx.execute(sql`
    with surplus as (
      select free.id from ${task} cross join lateral (
        select ${assignment.id} from ${assignment}
        where ${assignment.taskId} = ${task.id} and ${assignment.status} = 'open' and not apart
        order by ${assignment.id} desc
        limit greatest(0, (select count(*) from ${assignment} where ${assignment.taskId} = ${task.id} and ${wanted})
          - ${task.overlap})
      ) as free
      where ${task.id} in (select ${assignment.taskId} from ${assignment} where ${assignment.raterId} = ${raterId})
    )
    update ${assignment} set status = 'closed' from surplus
    where ${assignment.id} = surplus.id and ${assignment.status} = 'open'`);
  forgetPlaces();
  await orderNewSeats(tx, projectId);
}
