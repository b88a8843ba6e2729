import { and, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { normingItem, normingRemark, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { pagesChanged } from "../event/changed";
import { findNorming, isOpenTo, type Reader } from "./show";

/**
 * Says something about an item, to all who see its answers.
 * @throws NOT_FOUND for items of normings that the reader may not see; CONFLICT while it is judged blind
 */
export async function sayInNorming(
  db: Db,
  actor: Actor,
  { taskId, text, ...reader }: Reader & { taskId: string; text: string },
): Promise<void> {
  const { projectId, personId } = reader;
  await db.transaction(async (tx) => {
    const [item] = await tx
      .select({ normingId: normingItem.normingId, pass: normingItem.pass })
      .from(normingItem)
      .innerJoin(task, eq(task.id, normingItem.taskId))
      .where(and(eq(normingItem.taskId, taskId), eq(task.projectId, projectId)));
    if (!item) throw notFound("The item");
    const found = await findNorming(tx, reader, item.normingId);
    if (!isOpenTo(found, item.pass))
      throw conflict("This item is being judged blind: it is talked about afterwards.");
    const [{ id }] = await tx
      .insert(normingRemark)
      .values({ projectId, taskId, personId, text })
      .returning({ id: normingRemark.id });
    // The text stays where an erasure finds it.
    await audit(tx, actor, {
      action: "norming.say",
      target: { kind: "task", id: taskId },
      projectId,
      after: { remarkId: id },
    });
  });
  pagesChanged(db, projectId);
}
