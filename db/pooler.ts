import postgres from "postgres";
import { isOutage } from "./outage";

/** Transactions held at once while one connection looks whether it keeps its server: a pooler lends out the idle. */
const HOLDERS = 4;

const pidOf = async (sql: postgres.ReservedSql) => {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid;
};

/**
 * Refuses an address behind which connections are lent for a transaction or a statement at a time, as PgBouncer does in
 * its modes of these names: what is prepared, listened to or locked on one connection is not there in the next transaction. That
 * cost 45 of 60 submissions, and health said that all was well.
 * @throws an error that says what to do
 */
export async function refuseTransactionPooling(url: string): Promise<void> {
  // Unprepared: this has to be asked through such a pooler, too.
  const client = postgres(url, { max: HOLDERS + 1, prepare: false, onnotice: () => {} });
  try {
    const watched = await client.reserve();
    const first = await pidOf(watched);
    const pids: (number | undefined)[] = [first];
    for (let index = 0; index < HOLDERS; index += 1) {
      const holder = await client.reserve();
      // Not ended here: it keeps its server until the connection closes. A small pool lets the next one wait.
      const held = holder`begin`.then(() => pidOf(holder)).catch(endedByPooler);
      pids.push(await Promise.race([held, late()]));
    }
    // Of a database that is really away, this one ends, too.
    const again = await Promise.race([pidOf(watched), late()]);
    if (again === first && new Set(pids).size === pids.length && !pids.includes(undefined)) return;
  } finally {
    await client.end({ timeout: 1 });
  }
  throw new Error(
    "DATABASE_URL leads through a pooler that lends connections for one transaction or statement (PgBouncer with pool_mode = transaction) or that has hardly any: give the address of PostgreSQL itself, or of a pool with pool_mode = session.",
  );
}

/** One that lends for a statement lets nobody begin a transaction: it closes the connection. */
function endedByPooler(error: unknown): undefined {
  if (!isOutage(error)) throw error;
}

const late = () => new Promise<undefined>((resolve) => setTimeout(resolve, 5_000, undefined).unref());
