import { setTimeout as pause } from "node:timers/promises";

/**
 * What says that the connection, not the question, was at fault: postgres.js' own codes, those of sockets, and
 * PostgreSQL's classes 08 (connection) and 57P (shutting down, crashed, starting).
 */
const OUTAGE =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|08|57P0)/;
const RETRY_MS = 500;

/** Whether a query failed because the database could not be reached, rather than because of what it asked. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && OUTAGE.test(error.code)) return true;
  // drizzle wraps the driver's error; a refused connection may be an AggregateError of both address families.
  return isOutage(error.cause);
}

/** Does something again and again while the database is away. It must do no harm when it is done twice. */
export async function outlast<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isOutage(error) || signal.aborted) throw error;
      await pause(RETRY_MS);
    }
  }
}
