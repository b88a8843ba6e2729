import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation, assignment } from "../../db/schema";
import { hasSeen, SEEN } from "../blindness/seen";
import { conflict } from "../errors";
import { projectChanged } from "../event/changed";
import { forgetAnswer } from "../seat/grade";
import { holdPass, requireOpen } from "../seat/norming";
import { type BlindTask, UNDO_SECONDS } from "../seat/schema";
import { type FoundSeat, findSeat, type SeatKey, showSeat } from "../seat/seat";
import { placeAfter } from "../seat/selection";
import { pairsOf, recountPairs } from "./pairs";
import { restore, retire } from "./retire";
import { currentOf } from "./revise";
import type { undoSchema } from "./schema";

/**
 * Takes back what was just submitted, and all is as it was before: a first judgement leaves the seat the rater's, with
 * the answers to go on from; a revision leaves the one before it; work done again is sent back as it was.
 * @throws CONFLICT after UNDO_SECONDS, and to whoever has been shown others' answers since
 */
export async function undoAnnotation(
  db: Db,
  { idempotencyKey, ...key }: SeatKey & z.infer<typeof undoSchema>,
): Promise<BlindTask> {
  return db.transaction(async (tx) => {
    const pass = await holdPass(tx, key.assignmentId);
    const seat = await findSeat(tx, key, "lock");
    if (!seat.isMine)
      throw conflict(
        "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: " +
          "open it in your history to change it.",
      );
    const last = await lastOf(tx, seat, idempotencyKey);
    // The request came before; what it took back may have been followed by another revision since.
    if (last?.withdrawnAt && seat.status !== "closed") return showSeat(tx, seat);
    if (!last?.current || seat.status !== "submitted")
      throw conflict("There is nothing to undo on this task.");
    requireOpen(pass);
    // The seat would be theirs again, and what they handed in next would count as blind.
    if (await hasSeen(tx, seat)) throw conflict(SEEN);
    if (Date.now() - last.createdAt.getTime() > UNDO_SECONDS * 1000)
      throw conflict(`Undo works for ${UNDO_SECONDS} seconds. Open the task in your history to change it.`);
    const status = await placeAfter(tx, seat, () => goBack(tx, seat, last));
    projectChanged(db, seat.projectId);
    return showSeat(tx, { ...seat, status });
  });
}

type Revision = typeof annotation.$inferSelect;

/** The judgement of a key, else what counts. */
async function lastOf(tx: Db, seat: FoundSeat, idempotencyKey: string | undefined) {
  if (!idempotencyKey) return currentOf(tx, seat);
  const [found] = await tx
    .select()
    .from(annotation)
    .where(
      and(
        eq(annotation.assignmentId, seat.id),
        eq(annotation.raterId, seat.raterId),
        eq(annotation.idempotencyKey, idempotencyKey),
      ),
    );
  return found;
}

/** @returns the status that the seat has again */
async function goBack(tx: Db, seat: FoundSeat, undone: Revision): Promise<FoundSeat["status"]> {
  if (seat.apart) await forgetAnswer(tx, seat, { annotationId: undone.id });
  await retire(tx, { annotationIds: [undone.id], withdrawn: true });
  const [earlier] = await tx
    .select()
    .from(annotation)
    .where(
      and(
        eq(annotation.assignmentId, seat.id),
        lt(annotation.revision, undone.revision),
        isNull(annotation.withdrawnAt),
      ),
    )
    .orderBy(desc(annotation.revision))
    .limit(1);
  const { returnComment } = undone;
  const status = !earlier ? "leased" : returnComment === null ? "submitted" : "returned";
  if (earlier) {
    await restore(tx, seat, earlier);
    // What a reviewer decided since stays decided; that it was sent back is decided on the earlier one already.
    if (status === "submitted")
      await tx
        .update(annotation)
        .set({ excludedAt: undone.excludedAt, excludedReason: undone.excludedReason })
        .where(eq(annotation.id, earlier.id));
    await recountPairs(tx, pairsOf([earlier.id]));
  }
  const leasedUntil = status === "leased" ? sql`now() + make_interval(secs => ${seat.leaseSeconds})` : null;
  await tx.update(assignment).set({ status, leasedUntil, returnComment }).where(eq(assignment.id, seat.id));
  return status;
}
