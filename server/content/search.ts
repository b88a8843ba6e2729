import { and, eq, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { prompt, response } from "../../db/schema";

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

/**
 * Words found in at most this many texts are looked up first (the trigram index finds them in milliseconds); words
 * found in more are so frequent that reading rows in their order soon meets a page of them.
 */
const FEW = 5000;

const unlessMany = <T>(rows: T[]): T[] | null => (rows.length > FEW ? null : rows);

/** The ids of the prompts with these words, or null when they are more than a few. */
export async function promptsWith(
  db: Db,
  { projectId, words }: { projectId: string; words: string },
): Promise<string[] | null> {
  const rows = await db
    .select({ id: prompt.id })
    .from(prompt)
    .where(and(eq(prompt.projectId, projectId), containsWords(prompt.searchText, words)))
    .limit(FEW + 1);
  return unlessMany(rows.map(({ id }) => id));
}

/** The ids of the responses of a source, or null when they are more than a few. */
export async function responsesOfSource(
  db: Db,
  { projectId, source }: { projectId: string; source: string },
): Promise<string[] | null> {
  const rows = await db
    .select({ id: response.id })
    .from(response)
    .where(and(eq(response.projectId, projectId), eq(response.source, source)))
    .limit(FEW + 1);
  return unlessMany(rows.map(({ id }) => id));
}

/** The ids of the responses with these words, or null when they are more than a few. */
export async function responsesWith(
  db: Db,
  { projectId, words }: { projectId: string; words: string },
): Promise<string[] | null> {
  const rows = await db
    .select({ id: response.id })
    .from(response)
    .where(and(eq(response.projectId, projectId), containsWords(response.content, words)))
    .limit(FEW + 1);
  return unlessMany(rows.map(({ id }) => id));
}
