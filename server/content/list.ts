import { and, asc, desc, eq, getTableColumns, lt, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn, AnyPgTable } from "drizzle-orm/pg-core";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { assignment, prompt, response, task } from "../../db/schema";
import { notFound } from "../errors";
import type { PromptFilter } from "./schema";
import { containsWords, promptsWith, responsesWith } from "./search";

/** The beginning of the last message: what a row of a table shows of a prompt. */
export const excerpt = sql<string>`left(coalesce(${prompt.messages}->-1->>'content', ''), 300)`;

/** The prompts of a project that a filter admits. */
export async function promptsWhere(
  db: Db,
  { projectId, search, language, domain, source }: PromptFilter & { projectId: string },
): Promise<SQL | undefined> {
  return and(
    eq(prompt.projectId, projectId),
    language ? eq(prompt.language, language) : undefined,
    domain ? eq(prompt.domain, domain) : undefined,
    source ? someResponse(eq(response.source, source)) : undefined,
    search ? await mentions(db, { projectId, words: search }) : undefined,
  );
}

const someResponse = (condition: SQL) =>
  sql`exists (select from ${response} where ${response.promptId} = ${prompt.id} and ${condition})`;

/** Words of the conversation or of one of its responses. */
async function mentions(db: Db, search: { projectId: string; words: string }): Promise<SQL> {
  const [prompts, responses] = await Promise.all([promptsWith(db, search), responsesWith(db, search)]);
  if (prompts && responses)
    return sql`(${anyOf(prompt.id, prompts)}
      or ${prompt.id} in (select ${response.promptId} from ${response} where ${anyOf(response.id, responses)}))`;
  return sql`(${containsWords(prompt.searchText, search.words)}
    or ${someResponse(containsWords(response.content, search.words))})`;
}

/** Newest first, one page after `cursor` (the id of the last one seen), and how many there are in all. */
export async function listPrompts(
  db: Db,
  { cursor, limit, ...filter }: PromptFilter & { projectId: string; cursor?: string; limit: number },
) {
  const where = await promptsWhere(db, filter);
  const [items, [{ total }]] = await Promise.all([
    db
      .select({
        id: prompt.id,
        excerpt,
        turns: sql<number>`json_array_length(${prompt.messages})`,
        language: prompt.language,
        domain: prompt.domain,
        source: prompt.source,
        externalId: prompt.externalId,
        responses: db.$count(response, eq(response.promptId, prompt.id)),
        tasks: db.$count(task, eq(task.promptId, prompt.id)),
        createdAt: prompt.createdAt,
      })
      .from(prompt)
      .where(and(where, cursor ? lt(prompt.id, cursor) : undefined))
      .orderBy(desc(prompt.id))
      .limit(limit),
    db
      .select({ total: sql<number>`count(*)`.mapWith(Number) })
      .from(prompt)
      .where(where),
  ]);
  return { items, total, nextCursor: items.length === limit ? items[items.length - 1].id : null };
}

export async function getPrompt(db: Db, { projectId, promptId }: { projectId: string; promptId: string }) {
  const [found] = await db
    .select()
    .from(prompt)
    .where(and(eq(prompt.id, promptId), eq(prompt.projectId, projectId)));
  if (!found) throw notFound("The prompt");
  const responses = await db
    .select()
    .from(response)
    .where(eq(response.promptId, promptId))
    .orderBy(asc(response.id));
  const tasks = await db
    .select({
      ...getTableColumns(task),
      submitted: db.$count(
        assignment,
        and(eq(assignment.taskId, task.id), eq(assignment.status, "submitted")),
      ),
    })
    .from(task)
    .where(eq(task.promptId, promptId))
    .orderBy(asc(task.position));
  return { prompt: found, responses, tasks };
}

/** The languages, domains and sources that occur, most frequent first. */
export async function contentFacets(db: Db, { projectId }: { projectId: string }) {
  const values = (table: AnyPgTable, column: AnyPgColumn, ofProject: AnyPgColumn) => {
    const count = sql<number>`count(*)`.mapWith(Number);
    return db
      .select({ value: sql<string>`${column}`, count })
      .from(table)
      .where(and(eq(ofProject, projectId), sql`${column} is not null`))
      .groupBy(column)
      .orderBy(desc(count), asc(column))
      .limit(500);
  };
  const [languages, domains, sources] = await Promise.all([
    values(prompt, prompt.language, prompt.projectId),
    values(prompt, prompt.domain, prompt.projectId),
    values(response, response.source, response.projectId),
  ]);
  return { languages, domains, sources };
}
