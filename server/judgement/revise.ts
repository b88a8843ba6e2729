import { and, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { hasSeen, SEEN } from "../blindness/seen";
import { conflict } from "../errors";
import { projectChanged } from "../event/changed";
import { currentForm } from "../form/versions";
import { currentGuidelines } from "../guidelines/guidelines";
import { holdPass, requireOpen } from "../seat/norming";
import { type FoundSeat, findSeat, type SeatKey } from "../seat/seat";
import { placeAfter } from "../seat/selection";
import { pairsOf, recountPairs } from "./pairs";
import { retire } from "./retire";
import { findByKey, type Given, placeOn, storeAt } from "./submit";

/** The revision of a seat that counts. */
export async function currentOf(tx: Db, seat: FoundSeat) {
  const [current] = await tx
    .select()
    .from(annotation)
    .where(and(eq(annotation.assignmentId, seat.id), eq(annotation.current, true)));
  return current;
}

/**
 * Changes a judgement later, or does it again after it was sent back: a new revision that answers the form on the
 * screen, or the one in force when nobody says what was on it. The earlier revision is kept and no longer counts; an exclusion stays in force,
 * except that of being sent back.
 */
export async function reviseAnnotation(
  db: Db,
  key: SeatKey,
  given: Given,
): Promise<{ annotationId: string; revision: number; duplicate: boolean }> {
  const { projectId, stored } = await db.transaction(async (tx) => {
    const pass = await holdPass(tx, key.assignmentId);
    const seat = await findSeat(tx, key, "lock");
    const known = await findByKey(tx, seat, given);
    if (known) return { projectId: seat.projectId, stored: known };
    requireOpen(pass);
    if (!seat.isMine || (seat.status !== "submitted" && seat.status !== "returned"))
      throw conflict("Only a judgement that you submitted can be changed.");
    if (await hasSeen(tx, seat)) throw conflict(SEEN);
    const current = await currentOf(tx, seat);
    const place = await placeOn(tx, seat, given);
    const inForce = given.shown ? {} : await versionsInForce(tx, seat);
    const stored = await placeAfter(tx, seat, async () => {
      await retire(tx, { annotationIds: current ? [current.id] : [], withdrawn: false });
      return storeAt(tx, { ...place, ...inForce }, given);
    });
    if (!stored) throw new Error(`The seat ${seat.id} could not be revised while it was locked.`);
    if (current?.excludedAt && seat.status === "submitted") {
      await tx
        .update(annotation)
        .set({ excludedAt: current.excludedAt, excludedReason: current.excludedReason })
        .where(eq(annotation.id, stored.id));
      await recountPairs(tx, pairsOf([stored.id]));
    }
    return { projectId: seat.projectId, stored: { ...stored, duplicate: false } };
  });
  if (!stored.duplicate) projectChanged(db, projectId);
  return { annotationId: stored.id, revision: stored.revision, duplicate: stored.duplicate };
}

async function versionsInForce(tx: Db, { projectId }: FoundSeat) {
  const form = await currentForm(tx, projectId);
  const guidelines = await currentGuidelines(tx, projectId);
  return { formVersionId: form.id, guidelineVersionId: guidelines?.id ?? null };
}

/** Flags the rater's own judgement for a reviewer; null takes the flag back. */
export async function flagAnnotation(
  db: Db,
  actor: Actor,
  { reason, ...key }: SeatKey & { reason: string | null },
): Promise<void> {
  await db.transaction(async (tx) => {
    const seat = await findSeat(tx, key, "lock");
    const current = seat.isMine ? await currentOf(tx, seat) : undefined;
    if (!current) throw conflict("Submit a judgement first, then flag it.");
    await tx.update(annotation).set({ flagReason: reason }).where(eq(annotation.id, current.id));
    await audit(tx, actor, {
      action: "annotation.flag",
      target: { kind: "annotation", id: current.id },
      projectId: seat.projectId,
      before: { reason: current.flagReason },
      after: { reason },
    });
    projectChanged(db, seat.projectId);
  });
}
