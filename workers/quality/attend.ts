import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { listen } from "../../db/listen";
import { runCaged } from "../../server/child";
import { limits } from "../../server/limits";
import { Rest } from "../rest";

/** A lost notification delays what waits by at most this. */
const POLL_MS = 5000;
const RENEW_MS = 30_000;
/** What was changed while nobody could tell is found so often. */
const AGAIN_MS = 3_600_000;

interface Attended<Leased> {
  sql: Sql;
  /** Where it is told that something waits. */
  channel: string;
  /** What woke us is too new by so many milliseconds: it is leased when it has settled. */
  settleMs: number;
  /** Leases what has waited longest, if anything has. */
  claim: () => Promise<Leased | null>;
  makeOne: (leased: Leased) => Promise<void>;
  /** Has what was changed while nobody could tell wait too. Absent: something else does. */
  again?: () => Promise<void>;
  /** Whether that is done at the start already, and not only an hour later. */
  isAgainAtStart: boolean;
  /** Told of what goes wrong here; the rest goes on. */
  complain: (reason: unknown) => void;
}

/** Makes what waits, one after the other, until `shutdown` aborts. */
export async function attend<Leased>(
  { sql, channel, settleMs, claim, makeOne, again, isAgainAtStart, complain }: Attended<Leased>,
  shutdown: AbortSignal,
): Promise<void> {
  const rest = new Rest();
  const stopListening = listen(sql, channel, { notified: rest.wake, connected: rest.wake });
  shutdown.addEventListener("abort", rest.wake);
  let nextAgain = isAgainAtStart ? 0 : Date.now() + AGAIN_MS;
  try {
    while (!shutdown.aborted) {
      if (Date.now() > nextAgain) {
        nextAgain = Date.now() + AGAIN_MS;
        await again?.().catch(complain);
      }
      const leased = await claim().catch(complain);
      if (leased) await makeOne(leased).catch(complain);
      else {
        await rest.for(POLL_MS);
        rest.forget();
        await sleep(settleMs, undefined, { signal: shutdown }).catch(() => {});
      }
    }
  } finally {
    await stopListening();
  }
}

/**
 * Runs a program that reckons what is leased, and keeps the lease while it does.
 * @throws what `runCaged` throws
 */
export async function runLeased({
  url,
  renew,
  complain,
  ...child
}: Pick<Parameters<typeof runCaged>[0], "program" | "input" | "signal" | "onMessage"> & {
  /** The database's, for the program. */
  url: string;
  renew: () => Promise<void>;
  complain: (reason: unknown) => void;
}): Promise<void> {
  const renewing = setInterval(() => void renew().catch(complain), RENEW_MS);
  try {
    await runCaged({ ...child, set: { DATABASE_URL: url }, memoryMiB: limits.importMemoryMiB });
  } finally {
    clearInterval(renewing);
  }
}
