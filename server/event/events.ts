import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { event } from "../../db/schema";

/** The channel every event is announced on; the payload of the notification is the topic. */
export const CHANNEL = "concord_event";

export type StoredEvent = typeof event.$inferSelect;

/** Stores an event and announces it when the transaction commits. */
export async function emit(
  tx: Db,
  topic: string,
  kind: string,
  payload: Record<string, unknown> = {},
): Promise<void> {
  await tx.insert(event).values({ topic, kind, payload });
  await tx.execute(sql`select pg_notify(${CHANNEL}, ${topic})`);
}

/** Deletes what was told about topics that are no more. */
export async function forgetTopics(tx: Db, topics: readonly string[]): Promise<void> {
  await tx
    .delete(event)
    .where(sql`${event.topic} in (select jsonb_array_elements_text(${JSON.stringify(topics)}::jsonb))`);
}

/** Events of a topic after an id, oldest first: what a stream replays when it reconnects. */
export async function eventsAfter(
  db: Db,
  topic: string,
  afterId: number,
  limit = 500,
): Promise<StoredEvent[]> {
  return db
    .select()
    .from(event)
    .where(and(eq(event.topic, topic), gt(event.id, afterId)))
    .orderBy(asc(event.id))
    .limit(limit);
}
