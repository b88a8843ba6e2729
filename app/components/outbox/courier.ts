import type { Entry, StoredEntry } from "./entry";
import type { Store } from "./store";

/** What became of one attempt to send. */
export type Outcome =
  | { is: "sent" }
  /** The server has understood and will never take it. */
  | { is: "refused"; reason: string }
  /** No answer, or the server is not well: it may come again. */
  | { is: "away" }
  /** The server answers, and fails on this entry. */
  | { is: "failed" }
  /** The session has ended; the entries wait for the same person to sign in. */
  | { is: "signedOut" };

export interface Line {
  entries: readonly StoredEntry[];
  /** Whether the server answered the last time. */
  reachable: boolean;
  signedOut: boolean;
  /** Ids of entries on which the server failed again and again: the others go before them. */
  failing: readonly number[];
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
/** After so many failures on one entry it is no longer waited for. */
const FAILURES = 3;

export interface Courier {
  line(): Line;
  /** Stores the entry; it is on its way when the promise resolves. */
  put(entry: Entry): Promise<void>;
  /** Takes an entry of this assignment out again, if no attempt to send it has begun. */
  cancel(assignmentId: string): Promise<boolean>;
  /** Forgets an entry that was refused. */
  discard(id: number): Promise<void>;
  /** Tries now instead of after the pause. */
  hurry(): void;
  stop(): void;
}

/**
 * Sends what is in the store, one by one and in order, until the server has confirmed it: an entry leaves the store
 * only then. Pauses double while the server is away.
 * @param options.send one attempt; must not throw
 * @param options.alone runs its argument while no other tab sends, so that nothing is sent twice at once
 */
export async function startCourier({
  store,
  personId,
  send,
  alone,
  onSent,
  onChange,
}: {
  store: Store;
  personId: string;
  send: (entry: StoredEntry) => Promise<Outcome>;
  alone: (work: () => Promise<void>) => Promise<void>;
  /** After an entry has left the store. */
  onSent: (entry: StoredEntry) => void;
  onChange: (line: Line) => void;
}): Promise<Courier> {
  let line: Line = { entries: await store.entries(personId), reachable: true, signedOut: false, failing: [] };
  let working = false;
  let stopped = false;
  let wake: () => void = () => {};
  let sending: number | null = null;
  const cancelled = new Set<number>();
  const failures = new Map<number, number>();

  const look = async (seen: Partial<Line> = {}) => {
    line = { ...line, ...seen, entries: await store.entries(personId) };
    if (!stopped) onChange(line);
  };
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** The first in line; behind the others those on which the server fails, and what follows one on the same seat. */
  const following = (): StoredEntry | undefined => {
    const waiting = line.entries.filter((entry) => entry.refused === null && !cancelled.has(entry.id));
    const stuck = new Set(
      waiting.filter(({ id }) => line.failing.includes(id)).map(({ assignmentId }) => assignmentId),
    );
    return waiting.find(({ assignmentId }) => !stuck.has(assignmentId)) ?? waiting[0];
  };

  async function deliver() {
    let wait = FIRST_PAUSE_MS;
    while (!stopped) {
      // Another tab may have sent some of them meanwhile.
      await look();
      const next = following();
      if (!next) return;
      sending = next.id;
      const tried = { ...next, attempts: next.attempts + 1 };
      await store.change(tried);
      const outcome = await send(tried);
      switch (outcome.is) {
        case "sent":
          await store.remove(next.id);
          await look({ reachable: true, signedOut: false });
          onSent(tried);
          wait = FIRST_PAUSE_MS;
          break;
        case "refused":
          await settleRefusal(tried, outcome.reason);
          await look({ reachable: true, signedOut: false });
          break;
        case "failed":
          failures.set(next.id, (failures.get(next.id) ?? 0) + 1);
          await look({
            reachable: true,
            signedOut: false,
            failing: [...failures].flatMap(([id, count]) => (count >= FAILURES ? [id] : [])),
          });
          sending = null;
          if (following()?.id === next.id) {
            await pause(wait);
            wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
          }
          break;
        case "away":
        case "signedOut":
          await look({ reachable: outcome.is === "signedOut", signedOut: outcome.is === "signedOut" });
          sending = null;
          await pause(wait);
          wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
      }
    }
  }

  /** An undo that comes too late is no loss: what follows becomes a new revision instead of a first judgement. */
  async function settleRefusal(entry: StoredEntry, reason: string) {
    if (entry.kind !== "undo") return store.change({ ...entry, refused: reason });
    await store.remove(entry.id);
    for (const later of await store.entries(personId))
      if (later.assignmentId === entry.assignmentId && later.kind === "submit")
        await store.change({ ...later, kind: "revise" });
  }

  async function work() {
    if (working) return;
    working = true;
    try {
      await alone(deliver);
    } finally {
      sending = null;
      working = false;
    }
    // Something may have been put while the loop was ending.
    if (!stopped && line.entries.some((entry) => entry.refused === null && !cancelled.has(entry.id)))
      void work();
  }

  void work();
  return {
    line: () => line,
    async put(entry) {
      await store.add(entry);
      await look();
      void work();
    },
    async cancel(assignmentId) {
      const entry = (await store.entries(personId)).findLast((one) => one.assignmentId === assignmentId);
      if (!entry || entry.attempts > 0 || entry.id === sending) return false;
      cancelled.add(entry.id);
      await store.remove(entry.id);
      await look();
      return true;
    },
    async discard(id) {
      await store.remove(id);
      await look();
    },
    hurry: () => wake(),
    stop() {
      stopped = true;
      wake();
    },
  };
}
