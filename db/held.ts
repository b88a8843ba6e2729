import { sql } from "drizzle-orm";
import type { Db } from "./client";

/** Runs inserts in a transaction. */
export type Inserting = <T>(insert: () => Promise<T>) => Promise<T>;

/**
 * A way to insert rows whose references are known to hold. PostgreSQL looks up each reference of each new row and locks
 * what it names: two thirds of the time that COPY takes with the rows of an import, of which a judged pair has 25
 * references. What this transaction made itself, or holds `for key share` as those checks would, nobody else can
 * delete before it ends, so that there is nothing to find out.
 *
 * Whoever inserts this way answers for that: every row that the new ones refer to is held. No constraint but those on
 * references is left out. Where the role may not do without them (see roles.ts), every reference is checked.
 */
export async function insertingHeld(tx: Db): Promise<Inserting> {
  if (!(await mayLeaveChecks(tx))) return (insert) => insert();
  const checkAgain = () => tx.execute(sql`set local session_replication_role = origin`);
  return async (insert) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    try {
      const result = await insert();
      await checkAgain();
      return result;
    } catch (error) {
      // Refused after a statement that failed: then the transaction ends, or goes back to before this was set.
      await checkAgain().catch(() => {});
      throw error;
    }
  };
}

async function mayLeaveChecks(tx: Db): Promise<boolean> {
  const [{ version }] = await tx.execute<{ version: number }>(
    sql`select current_setting('server_version_num')::int as version`,
  );
  // Before, no role but a superuser could be allowed to.
  if (version < 150_000) return false;
  const [{ may }] = await tx.execute<{ may: boolean }>(
    sql`select has_parameter_privilege('session_replication_role', 'set') as may`,
  );
  return may;
}
