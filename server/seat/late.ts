import { and, desc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment } from "../../db/schema";
import { rememberLapsed } from "../blindness/opened";
import { hasSeen, SEEN } from "../blindness/seen";
import { conflict } from "../errors";
import { lockRater } from "./lock";
import type { FoundSeat } from "./seat";
import type { Lease } from "./shown";

/**
 * A rater submits on a seat whose lease ran out or that was given back: any seat of the task that nobody sits on
 * will do, this one first, and the rater's own when the task came to them again meanwhile. The rater is locked, as
 * in a claim, so that nobody gets two seats on one task.
 * @param lease what the rater was shown; the seat keeps it
 * @returns the id of the seat, now the rater's
 * @throws CONFLICT when all seats are taken
 */
export async function takeFreeSeat(tx: Db, seat: FoundSeat, lease: Lease): Promise<string> {
  const { raterId, taskId } = seat;
  if (await hasSeen(tx, { raterId, taskId })) throw conflict(SEEN);
  const { hasWithdrawn, blockReason } = await lockRater(tx, raterId);
  if (hasWithdrawn)
    throw conflict(
      "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.",
    );
  if (blockReason)
    throw conflict(
      "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.",
    );
  const mine = await tx
    .select({ id: assignment.id, status: assignment.status })
    .from(assignment)
    .where(and(eq(assignment.taskId, taskId), eq(assignment.raterId, raterId)));
  if (mine.some(({ status }) => status !== "leased"))
    throw conflict("You have answered this task already. Open it in your history to change it.");
  const [free] = await tx
    .select({ id: assignment.id })
    .from(assignment)
    .where(
      and(
        eq(assignment.taskId, taskId),
        // A seat that is set apart was made for its rater.
        seat.apart ? eq(assignment.id, seat.id) : undefined,
        sql`(${assignment.raterId} = ${raterId} and ${assignment.status} = 'leased'
          or ${assignment.status} = 'open' and coalesce(${assignment.reservedFor} = ${raterId}, true)
          or ${assignment.status} = 'leased' and ${assignment.leasedUntil} < now())`,
      ),
    )
    .orderBy(
      desc(sql`${assignment.raterId} is not distinct from ${raterId}`),
      desc(eq(assignment.id, seat.id)),
    )
    .limit(1)
    .for("update", { skipLocked: true });
  if (!free || (mine.length > 0 && free.id !== mine[0].id))
    throw conflict(
      "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.",
    );
  await tx
    .update(assignment)
    .set({
      status: "leased",
      raterId,
      // A lease that lapsed before this was kept began at the latest when it is asked about.
      leasedAt: lease.leasedAt ? new Date(lease.leasedAt) : null,
      order: lease.order,
      formVersionId: lease.formVersionId,
      guidelineVersionId: lease.guidelineVersionId,
      selectionProbability: lease.selectionProbability,
      lapsed: sql`case when rater_id = ${raterId} then lapsed else ${rememberLapsed()} end`,
    })
    .where(eq(assignment.id, free.id));
  return free.id;
}
