import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { peoplesVotes, response, task } from "../../db/schema";
import { invalid, notFound } from "../errors";
import { currentForm } from "../form/versions";
import { worth } from "../statistics/judge/compared";
import type { Votes } from "../statistics/ranking/votes";
import type { Slice } from "./schema";

/** The votes on one question as comparisons of sources. */
export interface Comparisons {
  sources: string[];
  prompts: string[];
  raters: string[];
  /** Rows in the order in which the votes came in; a tie and both bad are ½. */
  votes: Votes & { cluster: Int32Array; rater: Int32Array };
  /** By row: the responses that were compared, in the row's order. */
  responses: [a: string, b: string][];
  leftOut: { sourceUnknown: number; sameSource: number; repeated: number };
}

interface Cast extends Record<string, unknown> {
  prompt_id: string;
  rater_id: string;
  response_a: string;
  response_b: string;
  source_a: string | null;
  source_b: string | null;
  outcome: "a" | "b" | "tie" | "both_bad";
}

/** Whether a vote's task is in a slice of the project. */
export const inSlice = ({ language, domain }: Slice): SQL =>
  language || domain
    ? sql`and exists (select from ${task} where ${task.id} = v.task_id
        ${language ? sql`and ${task.language} = ${language}` : sql``} ${domain ? sql`and ${task.domain} = ${domain}` : sql``})`
    : sql``;

/**
 * Votes of people as comparisons of sources. What says nothing of two sources is left out and counted: a response whose
 * source nobody told, two responses of one source, and of a rater's votes on the same two responses all but the last.
 */
export async function readComparisons(
  db: Db,
  { projectId, questionId, ...slice }: Slice & { projectId: string; questionId: string },
): Promise<Comparisons> {
  const cast = await db.execute<Cast>(sql`
    select v.prompt_id, v.rater_id, v.response_a, v.response_b, v.outcome, a.source as source_a, b.source as source_b
    from ${peoplesVotes} v join ${response} a on a.id = v.response_a join ${response} b on b.id = v.response_b
    where v.project_id = ${projectId} and v.question_id = ${questionId} ${inSlice(slice)}
    order by v.id`);
  const last = new Map<string, number>();
  const keyOf = (row: Cast) => [row.rater_id, ...[row.response_a, row.response_b].sort()].join();
  for (const [at, row] of cast.entries()) last.set(keyOf(row), at);
  const leftOut = { sourceUnknown: 0, sameSource: 0, repeated: 0 };
  const rows = cast.flatMap((row, at) => {
    const { source_a: a, source_b: b } = row;
    if (last.get(keyOf(row)) !== at) leftOut.repeated++;
    else if (a === null || b === null) leftOut.sourceUnknown++;
    else if (a === b) leftOut.sameSource++;
    else return { ...row, a, b };
    return [];
  });
  const sources = [...new Set(rows.flatMap(({ a, b }) => [a, b]))].sort();
  const source = numbersOf(sources);
  const prompts = [...new Set(rows.map(({ prompt_id }) => prompt_id))];
  const raters = [...new Set(rows.map(({ rater_id }) => rater_id))];
  const [prompt, rater] = [numbersOf(prompts), numbersOf(raters)];
  return {
    ...{ sources, prompts, raters, leftOut },
    responses: rows.map(({ response_a, response_b }) => [response_a, response_b]),
    votes: {
      models: sources.length,
      a: Int32Array.from(rows, ({ a }) => source(a)),
      b: Int32Array.from(rows, ({ b }) => source(b)),
      y: Float64Array.from(rows, ({ outcome }) => worth[outcome]),
      cluster: Int32Array.from(rows, ({ prompt_id }) => prompt(prompt_id)),
      rater: Int32Array.from(rows, ({ rater_id }) => rater(rater_id)),
    },
  };
}

function numbersOf(names: readonly string[]): (name: string) => number {
  const places = new Map(names.map((name, i) => [name, i]));
  return (name) => places.get(name) ?? -1;
}

/** The comparisons of some sources among themselves, renumbered in their order. */
export function among(
  { sources, votes, responses, ...rest }: Comparisons,
  group: readonly number[],
): Comparisons {
  const place = new Map(group.map((model, at) => [model, at]));
  const rows = [...votes.y.keys()].filter((r) => place.has(votes.a[r]) && place.has(votes.b[r]));
  const pick = (column: Int32Array) => Int32Array.from(rows, (r) => column[r]);
  return {
    ...rest,
    sources: group.map((model) => sources[model]),
    responses: rows.map((r) => responses[r]),
    votes: {
      models: group.length,
      a: pick(votes.a).map((model) => place.get(model) ?? -1),
      b: pick(votes.b).map((model) => place.get(model) ?? -1),
      y: Float64Array.from(rows, (r) => votes.y[r]),
      cluster: pick(votes.cluster),
      rater: pick(votes.rater),
    },
  };
}

export interface Asked {
  id: string;
  label: string;
  votes: number;
}

/** Questions with votes of people, in the order of the form; the one that is asked for, or the one with most votes. */
export async function askedQuestion(
  db: Db,
  { projectId, questionId }: { projectId: string; questionId?: string },
): Promise<{ question: Asked | null; questions: Asked[] }> {
  const [counted, form] = await Promise.all([
    db.execute<{ id: string; votes: number }>(sql`
      select v.question_id as id, count(*)::int as votes from ${peoplesVotes} v
      where v.project_id = ${projectId} group by 1 order by 1`),
    currentForm(db, projectId),
  ]);
  const placeOf = (id: string) => form.questions.findIndex((each) => each.id === id);
  const questions = [...counted]
    .map(({ id, votes }) => ({ id, votes, label: form.questions[placeOf(id)]?.label ?? id }))
    .sort((one, other) => placeOf(one.id) - placeOf(other.id));
  if (questionId === undefined) {
    const [most = null] = questions.toSorted((one, other) => other.votes - one.votes);
    return { question: most, questions };
  }
  const question = questions.find(({ id }) => id === questionId);
  if (question) return { question, questions };
  const known = questions.map(({ id }) => id).join(", ") || "none yet";
  throw invalid(
    `questionId: nobody has compared responses under "${questionId}". Questions with votes: ${known}.`,
  );
}

/**
 * The number of a source among those compared.
 * @throws when nobody compared it, naming those that were
 */
export function placeOfSource({ sources }: Comparisons, field: string, source: string): number {
  const found = sources.indexOf(source);
  if (found >= 0) return found;
  if (sources.length === 0) throw notFound(`${field}: ${source} has no votes here, as no source has; it`);
  throw invalid(`${field}: no vote compares "${source}" here. Sources with votes: ${sources.join(", ")}.`);
}
