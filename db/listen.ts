import { setTimeout as pause } from "node:timers/promises";
import postgres, { type Sql } from "postgres";

/** Pauses between tries to connect again double from the first to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export interface Listener {
  notified(payload: string): void;
  /** Whenever listening began, also after an outage: notifications may have been lost, so look again. */
  connected(): void;
}

/**
 * Listens on a channel until it is told to stop, over any number of database restarts. (`sql.listen` gives up when
 * its first attempt to connect again fails, and says so to nobody.)
 * @returns stops listening
 */
export function listen(sql: Sql, channel: string, { notified, connected }: Listener): () => Promise<void> {
  const stopped = new AbortController();

  /** Resolves when a connection that listened is gone; rejects when there was none. */
  const listenOnce = async () => {
    let over = () => {};
    const lost = new Promise<void>((resolve) => {
      over = resolve;
    });
    const options = {
      ...sql.options,
      max: 1,
      idle_timeout: null,
      max_lifetime: null,
      fetch_types: false,
      // The pool's own counter of failures would make its queries wait for our failures.
      shared: { retries: 0, typeArrayMap: {} },
      onnotify: (_channel: string, payload: string) => notified(payload),
      onclose: over,
    };
    // As the driver opens its own listening connection; its types know neither parsed options nor onnotify.
    const client: Sql = Reflect.apply(postgres, undefined, [options]);
    stopped.signal.addEventListener("abort", over);
    try {
      await client`listen ${client(channel)}`;
      connected();
      await lost;
    } finally {
      stopped.signal.removeEventListener("abort", over);
      await client.end({ timeout: 0 });
    }
  };

  const listening = (async () => {
    let wait = FIRST_PAUSE_MS;
    while (!stopped.signal.aborted) {
      const listened = await listenOnce().then(
        () => true,
        () => false,
      );
      wait = listened ? FIRST_PAUSE_MS : Math.min(2 * wait, LONGEST_PAUSE_MS);
      await pause(wait, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();

  return async () => {
    stopped.abort();
    await listening;
  };
}
