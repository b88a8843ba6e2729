import { EventEmitter, on } from "node:events";
import { desc, eq } from "drizzle-orm";
import type { Sql } from "postgres";
import type { Db } from "../../db/client";
import { event } from "../../db/schema";
import { CHANNEL, eventsAfter, type StoredEvent } from "./events";

/** A lost notification is noticed after this long. */
const POLL_MS = 10_000;

interface Bus {
  emitter: EventEmitter;
  listening: Promise<unknown>;
}

declare global {
  // One LISTEN connection for the process: development reloads this module, not the process.
  var concordBus: Bus | undefined;
}

function bus(sql: Sql): Bus {
  if (!globalThis.concordBus) {
    const emitter = new EventEmitter().setMaxListeners(0);
    const listening = sql.listen(CHANNEL, (topic) => emitter.emit(topic, topic));
    globalThis.concordBus = { emitter, listening };
  }
  return globalThis.concordBus;
}

/**
 * The events of a topic, live: NOTIFY only says "look", the rows are the truth. Complete where one process writes
 * a topic (a run's worker); with several writers ids may commit out of order, so those topics (`project:…`) carry
 * only "look again", never data.
 * @param afterId the last event the reader has; absent: only what comes from now on
 */
export async function* follow(
  db: Db,
  sql: Sql,
  { topic, afterId, signal }: { topic: string; afterId?: number; signal: AbortSignal },
): AsyncGenerator<StoredEvent> {
  const { emitter, listening } = bus(sql);
  await listening;
  const poll = setInterval(() => emitter.emit(topic, topic), POLL_MS);
  try {
    const wakes = on(emitter, topic, { signal });
    let last = afterId ?? (await newestId(db, topic));
    let batch = await eventsAfter(db, topic, last);
    for (;;) {
      for (const item of batch) {
        yield item;
        last = item.id;
      }
      await wakes.next();
      batch = await eventsAfter(db, topic, last);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(poll);
  }
}

async function newestId(db: Db, topic: string): Promise<number> {
  const [newest] = await db
    .select({ id: event.id })
    .from(event)
    .where(eq(event.topic, topic))
    .orderBy(desc(event.id))
    .limit(1);
  return newest?.id ?? 0;
}
