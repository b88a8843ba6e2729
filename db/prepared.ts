import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "./client";

const dialect = new PgDialect({ casing: "snake_case" });

/**
 * Runs a statement that each connection parses and plans only once: one round trip instead of two, and a third of
 * the database's time for a short statement. For statements that run often with the same text: every text is kept.
 * @returns rows as the driver reads them: instants are text
 */
export async function prepared<T extends Record<string, unknown>>(db: Db, statement: SQL): Promise<T[]> {
  const query = dialect.sqlToQuery(statement);
  return db._.session
    .prepareQuery<{ execute: T[]; all: T[]; values: T[] }>(query, undefined, "prepared", false)
    .execute();
}
