import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/** Any number that nothing else in Concord locks. */
const MIGRATION_LOCK = 7_265_001;

/**
 * Brings the database to the newest schema. Machines that start together wait for each other: the lock belongs
 * to the one connection that also migrates, so a killed migrator gives it back.
 * @throws one sentence when the database is of another time than this code
 */
export async function migrate(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await refuseOtherTimes(client);
    await applyMigrations(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}

/**
 * Migrations are known by the time they were made, and the baseline has that of the last of the nine it replaced: a
 * database with all nine counts as having the baseline and goes on from there. One with fewer cannot be brought
 * there, and one with migrations that are not here belongs to newer code, which this code would misread.
 */
async function refuseOtherTimes(client: postgres.Sql): Promise<void> {
  const [{ known }] = await client<{ known: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as known`;
  if (!known) return;
  const applied = await client<{ at: string }[]>`
    select created_at as at from drizzle.__drizzle_migrations order by created_at`;
  if (applied.length === 0) return;
  const ours = readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis);
  const times = applied.map(({ at }) => Number(at));
  if (!times.includes(ours[0]) && times.every((time) => time < ours[0]))
    throw new Error(
      "This database was made by an early Concord: start the last release that has the migration 0008_cluster on it once, then this one.",
    );
  if (times.some((time) => time >= ours[0] && !ours.includes(time)))
    throw new Error(
      "This database was changed by a newer Concord than this one: start that version again, or restore a backup from before the update.",
    );
}
