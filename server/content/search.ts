import { and, eq, not, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
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

/**
 * The ids of the prompts with these words, or null when they are more than a few. What the index does not have yet is
 * read by itself: in one condition with the rest it would keep the index from being used.
 */
export async function promptsWith(
  db: Db,
  { projectId, words }: { projectId: string; words: string },
): Promise<string[] | null> {
  const found = (state: SQLWrapper) =>
    db
      .select({ id: prompt.id })
      .from(prompt)
      .where(and(eq(prompt.projectId, projectId), sql`${state}`, containsWords(prompt.searchText, words)));
  const rows = await unionAll(found(prompt.searchable), found(not(prompt.searchable))).limit(FEW + 1);
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
  const found = (state: SQLWrapper) =>
    db
      .select({ id: response.id })
      .from(response)
      .where(and(eq(response.projectId, projectId), sql`${state}`, containsWords(response.content, words)));
  const rows = await unionAll(found(response.searchable), found(not(response.searchable))).limit(FEW + 1);
  return unlessMany(rows.map(({ id }) => id));
}

/**
 * Takes into the search indexes what imports left out of them: cutting texts into their trigrams takes longer than
 * storing them. One statement, which the database goes on with when its client is gone; what a crash leaves undone is
 * done by the next call. Searches find the texts before, too, only slower.
 */
export async function makeSearchable(db: Db): Promise<void> {
  await db.execute(sql`call make_searchable()`);
}
