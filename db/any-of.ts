import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** Whether a uuid column is one of `ids`, any number of them: as one parameter, where `in` ends at 65,535. */
export function anyOf(column: SQLWrapper, ids: readonly string[]): SQL {
  return sql`${column} = any(${`{${ids.join(",")}}`}::uuid[])`;
}

/** Whether a column of content keys is one of `keys`, which are hexadecimal digits: as one parameter. */
export function anyKey(column: SQLWrapper, keys: readonly string[]): SQL {
  return sql`${column} = any(${`{${keys.join(",")}}`}::text[])`;
}
