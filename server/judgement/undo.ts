import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment } from "../../db/schema";
import { conflict } from "../errors";
import { projectChanged } from "../event/changed";
import type { BlindTask } from "../seat/schema";
import { findSeat, type SeatKey, showSeat } from "../seat/seat";
import { placeAfter } from "../seat/selection";
import { retire } from "./retire";
import { currentOf } from "./revise";
import { UNDO_SECONDS } from "./schema";

/**
 * Takes back what was just submitted: the seat is the rater's again, with the answers to go on from.
 * @throws CONFLICT after UNDO_SECONDS
 */
export async function undoAnnotation(db: Db, key: SeatKey): Promise<BlindTask> {
  return db.transaction(async (tx) => {
    const seat = await findSeat(tx, key, "lock");
    const current = seat.isMine && seat.status === "submitted" ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("There is nothing to undo on this task.");
    if (Date.now() - current.createdAt.getTime() > UNDO_SECONDS * 1000)
      throw conflict(`Undo works for ${UNDO_SECONDS} seconds. Open the task in your history to change it.`);
    await placeAfter(tx, seat, () => retire(tx, { annotationIds: [current.id], withdrawn: true }));
    await tx
      .update(assignment)
      .set({ status: "leased", leasedUntil: sql`now() + make_interval(secs => ${seat.leaseSeconds})` })
      .where(eq(assignment.id, seat.id));
    projectChanged(db, seat.projectId);
    return showSeat(tx, { ...seat, status: "leased" });
  });
}
