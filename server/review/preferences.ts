import { and, eq, gte, isNotNull, lt, lte, or, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import {
  annotation,
  assignment,
  pair,
  peoplesVotes,
  preference,
  prompt,
  rater,
  response,
  task,
} from "../../db/schema";
import type { Agreement } from "../../db/shape/review";
import { answersIn, noteSeen } from "../blindness/seen";
import { excerpt } from "../content/list";
import { containsWords, promptsWith, responsesOfSource, responsesWith } from "../content/search";
import { invalid } from "../errors";
import type { PreferenceFilter, PreferenceOrder, PreferenceRow } from "./schema";

type Filter = PreferenceFilter & { projectId: string };

/** What the two responses and their prompt have to be. */
async function contentIs(db: Db, filter: Filter): Promise<SQL | undefined> {
  const { projectId, source, prompt: inPrompt, response: inResponse } = filter;
  const [prompts, replies, ofSource] = await Promise.all([
    inPrompt ? promptsWith(db, { projectId, words: inPrompt }) : null,
    inResponse ? responsesWith(db, { projectId, words: inResponse }) : null,
    source ? responsesOfSource(db, { projectId, source }) : null,
  ]);
  const promptIs = (words: string) =>
    prompts
      ? anyOf(preference.promptId, prompts)
      : sql`exists (select from ${prompt}
          where ${prompt.id} = ${preference.promptId} and ${containsWords(prompt.searchText, words)})`;
  const shown = sql`${response.id} in (${preference.responseA}, ${preference.responseB})`;
  const responseIs = (few: readonly string[] | null, condition: SQL) =>
    few
      ? or(anyOf(preference.responseA, few), anyOf(preference.responseB, few))
      : sql`exists (select from ${response} where ${shown} and ${condition})`;
  return and(
    inPrompt ? promptIs(inPrompt) : undefined,
    inResponse ? responseIs(replies, containsWords(response.content, inResponse)) : undefined,
    source ? responseIs(ofSource, eq(response.source, source)) : undefined,
  );
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

/** As the index has it: no agreement's value is 0. */
const agreed = sql`coalesce(${pair.agreement}, 0)`;

function agreementIs(agreement: Agreement): SQL {
  switch (agreement) {
    case "single":
      return sql`${pair.votes} = 1`;
    case "agreed":
      return sql`${agreed} = 1 and ${pair.votes} > 1`;
    case "majority":
      return sql`${agreed} > 0.5 and ${agreed} < 1`;
    case "split":
      return sql`${agreed} > 0 and ${agreed} <= 0.5`;
  }
}

/**
 * The preferences a filter admits, as `from … where …`.
 * @param sort what they are sorted by: each column is joined where it is asked for
 */
async function admitted(db: Db, filter: Filter, sort?: PreferenceOrder["sort"]): Promise<SQL> {
  const { projectId, language, domain, agreement } = filter;
  const ofTask = (condition: SQL) =>
    sql`exists (select from ${task} where ${task.id} = ${preference.taskId} and ${condition})`;
  const ofJudgement = stateIs(filter.state);
  const where = and(
    eq(preference.projectId, projectId),
    await contentIs(db, filter),
    filter.raterId ? eq(preference.raterId, filter.raterId) : undefined,
    filter.questionId ? eq(preference.questionId, filter.questionId) : undefined,
    filter.outcome ? eq(preference.outcome, filter.outcome) : undefined,
    filter.minStrength !== undefined ? gte(preference.strength, filter.minStrength) : undefined,
    filter.maxStrength !== undefined ? lte(preference.strength, filter.maxStrength) : undefined,
    language ? ofTask(eq(task.language, language)) : undefined,
    domain ? ofTask(eq(task.domain, domain)) : undefined,
    filter.from ? gte(preference.submittedAt, new Date(filter.from)) : undefined,
    filter.to ? lt(preference.submittedAt, new Date(filter.to)) : undefined,
    ofJudgement,
    agreement ? agreementIs(agreement) : undefined,
  );
  const judgement = sql`join ${annotation} on ${annotation.id} = ${preference.annotationId}`;
  // Said of both, so that PostgreSQL may begin with either.
  const standing = sql`join ${pair} on ${pair.id} = ${preference.pairId} and ${pair.projectId} = ${projectId}`;
  return sql`from ${preference} ${ofJudgement ? judgement : sql``}
    ${agreement || sort === "agreement" ? standing : sql``} where ${where}`;
}

interface Key {
  id: string;
  pairId: string;
  /** The value sorted by. */
  key: number | null;
}

function parseCursor(cursor: string): Key {
  const [, id, pairId, key] = /^([0-9a-f-]{36})_([0-9a-f-]{36})_([0-9.e-]*)$/.exec(cursor) ?? [];
  if (!id || Number.isNaN(Number(key))) throw invalid("The cursor is not one of this list.");
  return { id, pairId, key: key ? Number(key) : null };
}

/** What a sort orders by, the id last; and the values of the row `last` for all but the id. */
const sorts: Record<PreferenceOrder["sort"], { key: SQL; by: SQL[]; at(last: Key): SQL[] }> = {
  // In microseconds, which a number holds exactly until the year 2255.
  time: {
    key: sql`(extract(epoch from ${preference.submittedAt}) * 1e6)::float8`,
    by: [sql`${preference.submittedAt}`],
    at: ({ key }) => [sql`'epoch'::timestamptz + ${key}::float8 * interval '1 microsecond'`],
  },
  strength: {
    key: sql`${preference.strength}`,
    by: [sql`${preference.strength}`],
    at: ({ key }) => [sql`${key}::float8`],
  },
  // The votes on one pair stay together.
  agreement: {
    key: agreed,
    by: [agreed, sql`${pair.id}`],
    at: ({ pairId, key }) => [sql`${key}::float8`, sql`${pairId}::uuid`],
  },
};

/** What a page of preferences is asked for by. `time` is when they were judged, also where a file says so. */
export type PreferencePage = Filter & PreferenceOrder & { cursor?: string; limit: number };

/** The ids of the preferences that a filter admits, one page after `cursor`. */
export async function pageOf(
  db: Db,
  { sort, order, cursor, limit, ...filter }: PreferencePage,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  const { key, by, at } = sorts[sort];
  const way = sql.raw(order);
  const beyond = sql.raw(order === "asc" ? ">" : "<");
  const list = (parts: SQL[]) => sql.join(parts, sql`, `);
  const last = cursor ? parseCursor(cursor) : null;
  const after = last
    ? and(
        // What an index of the columns without the id can begin at.
        sql`(${list(by)}) ${beyond}= (${list(at(last))})`,
        sql`(${list([...by, sql`${preference.id}`])}) ${beyond} (${list([...at(last), sql`${last.id}::uuid`])})`,
      )
    : sql`true`;
  const page = await db.execute<Key & Record<string, unknown>>(sql`
    select ${preference.id} as id, ${preference.pairId} as "pairId", ${key} as key ${await admitted(db, filter, sort)} and ${after}
    order by ${sql.join(
      [...by, preference.id].map((column) => sql`${column} ${way}`),
      sql`, `,
    )} limit ${limit}`);
  const end = page.length === limit ? page[page.length - 1] : undefined;
  return {
    ids: page.map(({ id }) => id),
    nextCursor: end ? `${end.id}_${end.pairId}_${end.key ?? ""}` : null,
  };
}

/** Preferences that a filter admits, one page after `cursor`. */
export async function listPreferences(
  db: Db,
  asked: PreferencePage,
): Promise<{ items: PreferenceRow[]; nextCursor: string | null }> {
  const { ids, nextCursor } = await pageOf(db, asked);
  return { items: await readRows(db, ids), nextCursor };
}

/** A page that a person is shown: whose answers it holds is kept. */
export async function showPreferences(
  db: Db,
  { personId, ...asked }: PreferencePage & { personId: string },
): ReturnType<typeof listPreferences> {
  const page = await listPreferences(db, asked);
  await noteSeen(db, { personId, shown: page.items.map(answersIn) });
  return page;
}

/** How many preferences a filter admits. */
export async function countPreferences(db: Db, filter: Filter): Promise<{ total: number }> {
  const [{ total }] = await db.execute<{ total: number }>(
    sql`select count(*)::int as total ${await admitted(db, filter)}`,
  );
  return { total };
}

export const a = alias(response, "a");
export const b = alias(response, "b");
export const begins = (text: SQLWrapper) => sql`left(${text}, 300)`;

/** Preferences with all that a row of the table shows, in the order of their ids. */
export const wholeRows = (ids: readonly string[]): SQL => sql`
  from unnest(${`{${ids.join(",")}}`}::uuid[]) with ordinality as asked (id, place)
  join ${preference} on ${preference.id} = asked.id
  join ${annotation} on ${annotation.id} = ${preference.annotationId}
  join ${task} on ${task.id} = ${preference.taskId}
  join ${prompt} on ${prompt.id} = ${preference.promptId}
  join ${response} a on ${a.id} = ${preference.responseA}
  join ${response} b on ${b.id} = ${preference.responseB}
  join ${rater} on ${rater.id} = ${preference.raterId}
  join ${pair} on ${pair.id} = ${preference.pairId}
  order by asked.place`;

/** The share of a response that stood on the rater's screen. */
export const shareInView = (responseId: SQLWrapper) => sql`(${annotation.inView} -> 'responses'
  -> (array_position(${task.responseIds}, ${responseId}) - 1) ->> 'share')::float8`;

type Reply = PreferenceRow["a"];

/** A row as the driver reads it. */
interface Read extends Record<string, unknown>, Omit<PreferenceRow, "a" | "b" | "rater" | "submittedAt"> {
  aId: string;
  aSource: Reply["source"];
  aExcerpt: string;
  bId: string;
  bSource: Reply["source"];
  bExcerpt: string;
  raterId: string;
  raterName: string;
  submittedAt: string;
}

/** Whole rows, in the order of their ids. */
async function readRows(db: Db, ids: readonly string[]): Promise<PreferenceRow[]> {
  const rows = await db.execute<Read>(sql`
    select ${preference.id} as id, ${preference.annotationId} as "annotationId", ${preference.taskId} as "taskId",
      ${preference.promptId} as "promptId", ${excerpt} as prompt, ${a.id} as "aId", ${a.source} as "aSource",
      ${begins(a.content)} as "aExcerpt", ${b.id} as "bId", ${b.source} as "bSource", ${begins(b.content)} as "bExcerpt",
      ${preference.questionId} as "questionId", ${preference.outcome} as outcome, ${preference.strength} as strength,
      ${preference.aShownFirst} as "aShownFirst", ${rater.id} as "raterId", ${rater.name} as "raterName",
      ${pair.votes} as votes, ${pair.agreement} as agreement, ${task.language} as language, ${task.domain} as domain,
      ${annotation.submittedAt} as "submittedAt", ${annotation.visibleMs} as "visibleMs",
      ${shareInView(preference.responseA)} as "inViewA", ${shareInView(preference.responseB)} as "inViewB",
      ${annotation.selectionProbability} as "selectionProbability", ${annotation.flagReason} as "flagReason",
      ${annotation.excludedReason} as "excludedReason", ${annotation.origin} as origin
    ${wholeRows(ids)}`);
  return rows.map((row) => ({
    id: row.id,
    annotationId: row.annotationId,
    taskId: row.taskId,
    promptId: row.promptId,
    prompt: row.prompt,
    a: { id: row.aId, source: row.aSource, excerpt: row.aExcerpt },
    b: { id: row.bId, source: row.bSource, excerpt: row.bExcerpt },
    questionId: row.questionId,
    outcome: row.outcome,
    strength: row.strength,
    aShownFirst: row.aShownFirst,
    rater: { id: row.raterId, name: row.raterName },
    votes: row.votes,
    agreement: row.agreement,
    language: row.language,
    domain: row.domain,
    submittedAt: new Date(row.submittedAt),
    visibleMs: row.visibleMs,
    inViewA: row.inViewA,
    inViewB: row.inViewB,
    selectionProbability: row.selectionProbability,
    flagReason: row.flagReason,
    excludedReason: row.excludedReason,
    origin: row.origin,
  }));
}
