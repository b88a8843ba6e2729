import { type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Db } from "./client";

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
  /** What to answer with: a query on the claimed rows, `claimed`. Absent: their ids. */
  select?: SQL;
}

/**
 * The one way waiting work is taken, seats by raters and runs by workers: one UPDATE of rows that a sub-select
 * locked, passing over rows that somebody else is just claiming.
 */
export function claimQuery({ table, where, orderBy, set, limit = 1, select }: Claim): SQL {
  const choices = (Array.isArray(where) ? where : [where]).map(
    (condition: SQL) => sql`nullif(array(
      select id from ${table} where ${condition} order by ${orderBy} limit ${limit} for update skip locked), '{}')`,
  );
  return sql`with claimed as (
      update ${table} set ${set} where id = any(coalesce(${sql.join(choices, sql`, `)})) returning *
    ) ${select ?? sql`select id from claimed`}`;
}

/** @returns the claimed ids, in no order; empty when nothing waits */
export async function claim(db: Db, what: Omit<Claim, "select">): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(claimQuery(what));
  return rows.map((row) => row.id);
}
