import { EventEmitter, on } from "node:events";
import { desc, eq } from "drizzle-orm";
import type { Sql } from "postgres";
import type { Db } from "../../db/client";
import { listen } from "../../db/listen";
import { outlast } from "../../db/outage";
import { event } from "../../db/schema";
import { CHANNEL, eventsAfter, type StoredEvent } from "./events";

/** A lost notification is noticed after this long. */
const POLL_MS = 10_000;

declare global {
  // One LISTEN connection for the process: development reloads this module, not the process.
  var concordBus: EventEmitter | undefined;
}

const isTopic = (name: string) => name !== "error";

function bus(sql: Sql): EventEmitter {
  if (!globalThis.concordBus) {
    const emitter = new EventEmitter().setMaxListeners(0);
    const wake = (topic: string) => emitter.emit(topic, topic);
    listen(sql, CHANNEL, {
      notified: wake,
      // Readers listen for "error", too, which is no topic.
      connected: () => emitter.eventNames().map(String).filter(isTopic).forEach(wake),
    });
    globalThis.concordBus = emitter;
  }
  return globalThis.concordBus;
}

interface Wakes {
  /** @throws when the signal aborts */
  next(): Promise<unknown>;
  end(): void;
}

/**
 * Hears when to look at a topic again: when it is told, and now and then, as what is told may be lost. Until it is
 * ended, or `signal` aborts.
 * @throws when the signal has aborted
 */
export function wakesOf(sql: Sql, topic: string, signal: AbortSignal): Wakes {
  const emitter = bus(sql);
  const wakes = on(emitter, topic, { signal });
  const poll = setInterval(() => emitter.emit(topic, topic), POLL_MS);
  const rest = () => clearInterval(poll);
  signal.addEventListener("abort", rest, { once: true });
  return {
    next: () => wakes.next(),
    end() {
      rest();
      signal.removeEventListener("abort", rest);
      wakes.return?.();
    },
  };
}

export interface Following {
  topic: string;
  afterId?: number;
  /** Asked before anything is told: rights end while a stream is open. */
  mayStill: () => Promise<boolean>;
  signal: AbortSignal;
}

/**
 * The events of a topic, live: NOTIFY only says "look", the rows are the truth. Complete where one process writes
 * a topic (a run's worker); with several writers ids may commit out of order, so those topics (`project:…`) carry
 * only "look again", never data. Goes on over an outage of the database, until `signal` aborts or the reader
 * may no longer read.
 * @param afterId the last event the reader has; absent: only what comes from now on
 */
export async function* follow(
  db: Db,
  sql: Sql,
  { topic, afterId, mayStill, signal }: Following,
): AsyncGenerator<StoredEvent> {
  if (signal.aborted) return;
  const wakes = wakesOf(sql, topic, signal);
  try {
    let last = afterId ?? (await outlast(() => newestId(db, topic), signal));
    const unread = () => outlast(() => eventsAfter(db, topic, last), signal);
    for (;;) {
      const batch = await unread();
      // After reading: asked before, it would tell what came between the question and the reading.
      if (!(await outlast(mayStill, signal))) return;
      for (const item of batch) {
        yield item;
        last = item.id;
      }
      await wakes.next();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    wakes.end();
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
