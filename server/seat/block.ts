import { and, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { rater } from "../../db/schema";
import type { blockReasons } from "../../db/shape/gold";
import { type Actor, audit, system } from "../audit/audit";
import { notFound } from "../errors";
import { pagesChanged } from "../event/changed";
import { giveUpSeats, holdSeats } from "./consent";

interface Key {
  projectId: string;
  raterId: string;
}

/** Pauses a rater: no more seats, and those at hand go to others at once. What they judged stays. The rater is locked. */
export async function block(
  tx: Db,
  {
    projectId,
    raterId,
    blockReason,
    says,
  }: Key & { blockReason: (typeof blockReasons)[number]; says: string },
  actor: Actor = system,
): Promise<void> {
  await tx.update(rater).set({ blockedAt: new Date(), blockReason }).where(eq(rater.id, raterId));
  await giveUpSeats(tx, raterId);
  await audit(tx, actor, {
    action: "gold.block",
    target: { kind: "rater", id: raterId },
    projectId,
    after: { blockReason, says },
  });
}

/** @throws NOT_FOUND */
async function hold(tx: Db, key: Key) {
  await holdSeats(tx, key);
  const [found] = await tx
    .select({ blockedAt: rater.blockedAt, blockReason: rater.blockReason })
    .from(rater)
    .where(and(eq(rater.id, key.raterId), eq(rater.projectId, key.projectId)));
  if (!found) throw notFound("The rater");
  return found;
}

/** A manager pauses a rater. */
export async function blockRater(
  db: Db,
  actor: Actor,
  { reason, ...key }: Key & { reason: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { blockedAt } = await hold(tx, key);
    if (blockedAt) return;
    await block(tx, { ...key, blockReason: "manager", says: reason }, actor);
  });
  pagesChanged(db, key.projectId);
}

/** A manager lets a rater go on: without the qualification, where that was it, and with a test that begins anew. */
export async function unblockRater(
  db: Db,
  actor: Actor,
  { reason, ...key }: Key & { reason: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await hold(tx, key);
    if (!before.blockedAt) return;
    await tx
      .update(rater)
      .set({
        blockedAt: null,
        blockReason: null,
        testedSince: new Date(),
        ...(before.blockReason === "qualification" && { qualifiedAt: new Date() }),
      })
      .where(eq(rater.id, key.raterId));
    await audit(tx, actor, {
      action: "gold.unblock",
      target: { kind: "rater", id: key.raterId },
      projectId: key.projectId,
      before,
      after: { reason },
    });
  });
  pagesChanged(db, key.projectId);
}
