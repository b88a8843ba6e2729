import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/**
 * Whether a text holds every word of a search, in any order and case. Trigram indexes serve it in every script;
 * the wildcards of LIKE are ordinary characters here.
 */
export function containsWords(text: SQLWrapper, search: string): SQL {
  const words = search.trim().split(/\s+/);
  return sql.join(
    words.map((word) => sql`${text} ilike ${`%${word.replace(/[\\%_]/g, "\\$&")}%`}`),
    sql` and `,
  );
}
