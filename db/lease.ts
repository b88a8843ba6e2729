import { type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Db } from "./client";
import { prepared } from "./prepared";

export interface Claim {
  /** A table with an `id` column. */
  table: PgTable;
  /** Which rows may be claimed. A list is tried in order: the next is looked at only when one before has none. */
  where: SQL | readonly SQL[];
  /** Which of them first. */
  orderBy: SQL;
  /** What a claim writes: the new holder, its lease, its status. */
  set: SQL;
  limit?: number;
}

/**
 * The one way waiting work is taken, seats by raters and runs by workers: one UPDATE of rows that a sub-select
 * locked, passing over rows that somebody else is just claiming.
 * @returns the claimed ids, in no order; empty when nothing waits
 */
export async function claim(db: Db, { table, where, orderBy, set, limit = 1 }: Claim): Promise<string[]> {
  const choices = (Array.isArray(where) ? where : [where]).map(
    (condition: SQL) => sql`nullif(array(
      select id from ${table} where ${condition} order by ${orderBy} limit ${limit} for update skip locked), '{}')`,
  );
  const rows = await prepared<{ id: string }>(
    db,
    sql`
    update ${table} set ${set} where id = any(coalesce(${sql.join(choices, sql`, `)})) returning id`,
  );
  return rows.map((row) => row.id);
}
