import { and, eq, gte, isNotNull, lt, lte, or, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import {
  annotation,
  assignment,
  peoplesVotes,
  preference,
  prompt,
  rater,
  response,
  task,
} from "../../db/schema";
import { excerpt } from "../content/list";
import { containsWords, promptsWith, responsesWith } from "../content/search";
import { invalid } from "../errors";
import type { Agreement, PreferenceFilter, PreferenceOrder, PreferenceRow } from "./schema";
import { voteSummary, votesOfProject } from "./votes";

type Filter = PreferenceFilter & { projectId: string };

async function searchIn(db: Db, { projectId, prompt: inPrompt, response: inResponse }: Filter) {
  const [prompts, replies] = await Promise.all([
    inPrompt ? promptsWith(db, { projectId, words: inPrompt }) : null,
    inResponse ? responsesWith(db, { projectId, words: inResponse }) : null,
  ]);
  const shown = sql`${response.id} in (${preference.responseA}, ${preference.responseB})`;
  const promptIs = (words: string) =>
    prompts
      ? anyOf(preference.promptId, prompts)
      : sql`exists (select from ${prompt}
          where ${prompt.id} = ${preference.promptId} and ${containsWords(prompt.searchText, words)})`;
  const responseIs = (words: string) =>
    replies
      ? or(anyOf(preference.responseA, replies), anyOf(preference.responseB, replies))
      : sql`exists (select from ${response} where ${shown} and ${containsWords(response.content, words)})`;
  return and(inPrompt ? promptIs(inPrompt) : undefined, inResponse ? responseIs(inResponse) : undefined);
}

function stateIs(state: Filter["state"]): SQL | undefined {
  switch (state) {
    case "counted":
      return sql`exists (select from ${peoplesVotes} counted where counted.id = ${preference.id})`;
    case "flagged":
      return isNotNull(annotation.flagReason);
    case "excluded":
      return isNotNull(annotation.excludedAt);
    case "adjudicated":
      return eq(annotation.origin, "adjudication");
    case "returned":
      return sql`exists (select from ${assignment}
        where ${assignment.id} = ${annotation.assignmentId} and ${assignment.status} = 'returned')`;
    case undefined:
      return undefined;
  }
}

function agreementIs(agreement: Agreement): SQL {
  switch (agreement) {
    case "single":
      return sql`preference.votes = 1`;
    case "agreed":
      return sql`preference.votes > 1 and preference.agreement = 1`;
    case "majority":
      return sql`preference.agreement > 0.5 and preference.agreement < 1`;
    case "split":
      return sql`preference.agreement <= 0.5`;
  }
}

/** The preferences a filter admits, as `from … where …` over annotation and preference, with votes if need be. */
async function admitted(db: Db, filter: Filter, needsVotes: boolean): Promise<SQL> {
  const { projectId, language, domain, source } = filter;
  const ofTask = (condition: SQL) =>
    sql`exists (select from ${task} where ${task.id} = ${preference.taskId} and ${condition})`;
  const where = and(
    eq(preference.projectId, projectId),
    await searchIn(db, filter),
    filter.raterId ? eq(preference.raterId, filter.raterId) : undefined,
    filter.questionId ? eq(preference.questionId, filter.questionId) : undefined,
    filter.outcome ? eq(preference.outcome, filter.outcome) : undefined,
    filter.minStrength !== undefined ? gte(preference.strength, filter.minStrength) : undefined,
    filter.maxStrength !== undefined ? lte(preference.strength, filter.maxStrength) : undefined,
    source
      ? sql`exists (select from ${response} where ${response.id} in (${preference.responseA}, ${preference.responseB})
          and ${response.source} = ${source})`
      : undefined,
    language ? ofTask(eq(task.language, language)) : undefined,
    domain ? ofTask(eq(task.domain, domain)) : undefined,
    filter.from ? gte(annotation.submittedAt, new Date(filter.from)) : undefined,
    filter.to ? lt(annotation.submittedAt, new Date(filter.to)) : undefined,
    stateIs(filter.state),
    filter.agreement ? agreementIs(filter.agreement) : undefined,
  );
  const from = needsVotes || filter.agreement ? sql`(${votesOfProject(projectId)}) preference` : preference;
  return sql`from ${from} join ${annotation} on ${annotation.id} = ${preference.annotationId} where ${where}`;
}

interface Key {
  id: string;
  /** The value sorted by; ids alone are in order of time. */
  key: number | null;
}

const keys = {
  time: sql`null::float8`,
  strength: sql`${preference.strength}`,
  agreement: sql`preference.agreement`,
};

function parseCursor(cursor: string): Key {
  const [id, key] = cursor.split("_");
  if (!/^[0-9a-f-]{36}$/.test(id) || Number.isNaN(Number(key)))
    throw invalid("The cursor is not one of this list.");
  return { id, key: key ? Number(key) : null };
}

/** Preferences that a filter admits, one page after `cursor`. `time` is the order in which they came in. */
export async function listPreferences(
  db: Db,
  { sort, order, cursor, limit, ...filter }: Filter & PreferenceOrder & { cursor?: string; limit: number },
): Promise<{ items: PreferenceRow[]; nextCursor: string | null }> {
  const key = keys[sort];
  const way = sql.raw(order);
  const beyond = sql.raw(order === "asc" ? ">" : "<");
  const last = cursor ? parseCursor(cursor) : null;
  const after = !last
    ? sql``
    : sort === "time"
      ? sql`and ${preference.id} ${beyond} ${last.id}`
      : sql`and (${key}, ${preference.id}) ${beyond} (${last.key}::float8, ${last.id}::uuid)`;
  const sorting =
    sort === "time" ? sql`${preference.id} ${way}` : sql`${key} ${way}, ${preference.id} ${way}`;
  const page = await db.execute<{ id: string; key: number | null }>(sql`
    select ${preference.id} as id, ${key} as key ${await admitted(db, filter, sort === "agreement")} ${after}
    order by ${sorting} limit ${limit}`);
  const end = page.length === limit ? page[page.length - 1] : undefined;
  return {
    items: await readRows(
      db,
      page.map(({ id }) => id),
    ),
    nextCursor: end ? `${end.id}_${end.key ?? ""}` : null,
  };
}

/** How many preferences a filter admits. */
export async function countPreferences(db: Db, filter: Filter): Promise<{ total: number }> {
  const [{ total }] = await db.execute<{ total: number }>(
    sql`select count(*)::int as total ${await admitted(db, filter, false)}`,
  );
  return { total };
}

const a = alias(response, "a");
const b = alias(response, "b");
const begins = (text: SQLWrapper) => sql<string>`left(${text}, 300)`;

async function readRows(db: Db, ids: readonly string[]): Promise<PreferenceRow[]> {
  if (ids.length === 0) return [];
  const votes = sql`(select ${voteSummary()} from ${peoplesVotes} v
    where v.task_id = ${preference.taskId} and v.question_id = ${preference.questionId}
      and v.response_a = ${preference.responseA} and v.response_b = ${preference.responseB}) votes`;
  const rows = await db
    .select({
      id: preference.id,
      annotationId: preference.annotationId,
      taskId: preference.taskId,
      promptId: preference.promptId,
      prompt: excerpt,
      a: { id: a.id, source: a.source, excerpt: begins(a.content) },
      b: { id: b.id, source: b.source, excerpt: begins(b.content) },
      questionId: preference.questionId,
      outcome: preference.outcome,
      strength: preference.strength,
      aShownFirst: preference.aShownFirst,
      rater: { id: rater.id, name: rater.name },
      votes: sql<number>`votes.votes`.mapWith(Number),
      agreement: sql<number | null>`votes.agreement`,
      language: task.language,
      domain: task.domain,
      submittedAt: annotation.submittedAt,
      visibleMs: annotation.visibleMs,
      flagReason: annotation.flagReason,
      excludedReason: annotation.excludedReason,
      origin: annotation.origin,
    })
    .from(preference)
    .innerJoin(annotation, eq(annotation.id, preference.annotationId))
    .innerJoin(task, eq(task.id, preference.taskId))
    .innerJoin(prompt, eq(prompt.id, preference.promptId))
    .innerJoin(a, eq(a.id, preference.responseA))
    .innerJoin(b, eq(b.id, preference.responseB))
    .innerJoin(rater, eq(rater.id, preference.raterId))
    .innerJoin(sql`lateral ${votes}`, sql`true`)
    .where(anyOf(preference.id, ids));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
