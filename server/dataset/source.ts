import { and, asc, eq, gt, gte, inArray, isNull, lte, ne, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { admitted, formVersion, markFact, preference, prompt, response, task } from "../../db/schema";
import type { Recipe } from "../../db/shape/dataset";
import type { DatasetKind } from "../../db/shape/dataset-kinds";
import { isOrphaned } from "../construction/standing";
import { storedTurns } from "../content/rendered";
import { repliesIn } from "../form/answers";
import { storedAnswers, storedQuestions } from "../form/schema";
import type { Vote } from "./aggregate";
import type { Comparison, Label, Material, SourceResponse, WrittenReply } from "./material";
import type { ComparedQuestion } from "./schema";

/** Prompts read at a time: memory stays flat however large the project is. */
const BATCH = 1000;

/** The questions under which a project's responses were compared by those whose judgements count, most votes first. */
export async function comparedQuestions(
  db: Db,
  { projectId, ...whose }: { projectId: string } & Whose,
): Promise<ComparedQuestion[]> {
  return db.execute<ComparedQuestion>(sql`
    select compared.id, compared.votes, coalesce(asked.label, compared.id) as label
    from (
      select ${preference.questionId} as id, count(*) filter (where not ${admitted.isAdjudication})::int as votes
      from ${preference} join ${admitted} on ${admitted.id} = ${preference.annotationId}
      where ${and(eq(preference.projectId, projectId), judgedBy(whose))}
      group by 1) compared
    left join lateral (
      select question->>'label' as label
      from ${formVersion}, jsonb_array_elements(${formVersion.questions}) question
      where ${formVersion.projectId} = ${projectId} and question->>'id' = compared.id
      order by ${formVersion.version} desc limit 1) asked on true
    order by compared.votes desc, compared.id`);
}

export interface SourcedMaterial extends Material {
  promptId: string;
  language: string | null;
  domain: string | null;
  /** Whether the response with the smaller key was shown first, by vote; null when unknown. */
  firstShown: ReadonlyMap<Vote, boolean | null>;
}

/**
 * Everything that was judged in a project and that the recipe admits, batches of prompts in the order of their keys.
 * Comparisons are those under the named questions, which ask one thing; without a question none are read.
 * Run it inside a REPEATABLE READ transaction, so that all batches see one state.
 */
export async function* readMaterial(
  tx: Db,
  {
    projectId,
    kind,
    recipe,
    questionIds,
  }: { projectId: string; kind: DatasetKind; recipe: Recipe; questionIds: readonly string[] },
): AsyncGenerator<SourcedMaterial[]> {
  const readBatch = async (after: string): Promise<SourcedMaterial[]> => {
    const prompts = await tx
      .select({
        id: prompt.id,
        key: prompt.key,
        messages: prompt.messages,
        tools: prompt.tools,
        language: prompt.language,
        domain: prompt.domain,
      })
      .from(prompt)
      .where(
        and(
          eq(prompt.projectId, projectId),
          gt(prompt.key, after),
          oneOf(prompt.language, recipe.filters.languages),
          oneOf(prompt.domain, recipe.filters.domains),
        ),
      )
      .orderBy(asc(prompt.key))
      .limit(BATCH);
    if (prompts.length === 0) return [];
    const ids = prompts.map(({ id }) => id);
    // Asked at once, so that the server has the next question when it has answered one.
    const responses = readResponses(tx, ids, recipe);
    const [votes, labels, written] = await Promise.all([
      questionIds.length === 0
        ? new Map<string, Cast>()
        : readVotes(tx, ids, { responses, recipe, questionIds }),
      readsLabels(kind, recipe) ? readLabels(tx, ids, { responses, recipe }) : new Map<string, Label[]>(),
      kind === "sft" ? readWritten(tx, ids, recipe) : new Map<string, WrittenReply[]>(),
      responses,
    ]);
    return prompts.map((found) => {
      const cast = votes.get(found.id);
      return {
        promptId: found.id,
        promptKey: found.key,
        messages: found.messages,
        tools: found.tools,
        language: found.language,
        domain: found.domain,
        comparisons: cast?.comparisons ?? [],
        firstShown: cast?.firstShown ?? new Map(),
        labels: labels.get(found.id) ?? [],
        written: written.get(found.id) ?? [],
      };
    });
  };
  let batch = await readBatch("");
  while (batch.length > 0) {
    const following = readBatch(batch[batch.length - 1].promptKey);
    // Awaited below; until then a failure belongs to nobody.
    following.catch(() => {});
    yield batch;
    batch = await following;
  }
}

function oneOf(column: AnyPgColumn, values: readonly string[]) {
  return values.length > 0 ? inArray(column, [...values]) : undefined;
}

type Whose = Pick<Recipe["filters"], "judges" | "raters">;

/** Whose of the admitted judgements count: those of named raters, or of people or models. */
function judgedBy({ judges, raters }: Whose): SQL | undefined {
  const by = {
    people: ne(admitted.raterKind, "model"),
    models: eq(admitted.raterKind, "model"),
    all: undefined,
  };
  return raters.length > 0 ? inArray(admitted.raterId, raters) : by[judges];
}

/** Which of the admitted judgements the recipe takes. */
function taken({ filters }: Recipe): SQL | undefined {
  return and(
    judgedBy(filters),
    filters.excludeFlagged ? isNull(admitted.flagReason) : undefined,
    filters.submittedFrom ? gte(admitted.submittedAt, new Date(filters.submittedFrom)) : undefined,
    filters.submittedTo ? lte(admitted.submittedAt, new Date(filters.submittedTo)) : undefined,
    sql`not ${isOrphaned(admitted.id)}`,
  );
}

/**
 * Of these rows there are hundreds of thousands: they are taken as the driver has them, for the mapping of a query
 * builder costs more than all that is made of them.
 */
async function readResponses(tx: Db, promptIds: readonly string[], { filters }: Recipe) {
  const rows = await tx.execute<Omit<SourceResponse, "turns"> & { turns: string | null }>(sql`
    select ${response.id}, ${response.key}, ${response.content}, ${response.source},
      ${response.metadata}->'messages' as turns
    from ${response}
    where ${and(anyOf(response.promptId, promptIds), oneOf(response.source, filters.sources))}`);
  return new Map(
    rows.map(({ turns, ...row }): [string, SourceResponse] => [
      row.id,
      { ...row, turns: turns === null ? null : storedTurns(response.metadata.mapFromDriverValue(turns)) },
    ]),
  );
}

type CastVote = Pick<
  typeof preference.$inferSelect,
  "promptId" | "annotationId" | "raterId" | "responseA" | "responseB" | "outcome" | "strength" | "aShownFirst"
> & { isAdjudication: boolean };

interface Cast {
  comparisons: Comparison[];
  firstShown: Map<Vote, boolean | null>;
}

async function readVotes(
  tx: Db,
  promptIds: readonly string[],
  {
    responses: given,
    recipe,
    questionIds,
  }: {
    responses: Promise<ReadonlyMap<string, SourceResponse>>;
    recipe: Recipe;
    questionIds: readonly string[];
  },
): Promise<Map<string, Cast>> {
  const found = tx.execute<CastVote>(sql`
    select ${preference.promptId} as "promptId", ${preference.annotationId} as "annotationId",
      ${preference.raterId} as "raterId", ${preference.responseA} as "responseA",
      ${preference.responseB} as "responseB", ${preference.outcome}, ${preference.strength},
      ${preference.aShownFirst} as "aShownFirst", ${admitted.isAdjudication} as "isAdjudication"
    from ${preference} join ${admitted} on ${admitted.id} = ${preference.annotationId}
    where ${and(
      anyOf(preference.promptId, promptIds),
      inArray(preference.questionId, [...questionIds]),
      taken(recipe),
    )}
    order by ${admitted.submittedAt}, ${preference.annotationId}, ${preference.id}`);
  const [rows, responses] = await Promise.all([found, given]);

  const byPrompt = new Map<
    string,
    Map<string, { first: SourceResponse; second: SourceResponse; votes: Vote[] }>
  >();
  const shown = new Map<string, Map<Vote, boolean | null>>();
  let at = 0;
  for (const [index, row] of rows.entries()) {
    if (row.annotationId !== rows[index - 1]?.annotationId) at++;
    const a = responses.get(row.responseA);
    const b = responses.get(row.responseB);
    if (!a || !b) continue;
    const [first, second] = a.key < b.key ? [a, b] : [b, a];
    const pairs = byPrompt.get(row.promptId) ?? new Map();
    byPrompt.set(row.promptId, pairs);
    const pair = pairs.get(`${first.key} ${second.key}`) ?? { first, second, votes: [] };
    pairs.set(`${first.key} ${second.key}`, pair);
    const vote: Vote = {
      annotationId: row.annotationId,
      raterId: row.raterId,
      outcome:
        row.outcome === "a"
          ? first === a
            ? "first"
            : "second"
          : row.outcome === "b"
            ? first === a
              ? "second"
              : "first"
            : row.outcome,
      strength: row.strength,
      adjudication: row.isAdjudication,
      at,
    };
    pair.votes.push(vote);
    const known = shown.get(row.promptId) ?? new Map<Vote, boolean | null>();
    shown.set(row.promptId, known);
    known.set(vote, row.aShownFirst === null ? null : row.aShownFirst === (first === a));
  }
  return new Map(
    [...byPrompt].map(([promptId, pairs]): [string, Cast] => [
      promptId,
      {
        comparisons: [...pairs].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, pair]) => pair),
        firstShown: shown.get(promptId) ?? new Map(),
      },
    ]),
  );
}

/** A recipe that names its question counts that question's comparisons and no labels beside them. */
const readsLabels = (kind: DatasetKind, { filters }: Recipe): boolean =>
  kind === "unpaired" && filters.questionId === undefined;

/** Choices of "good" or "bad" for a response, in the order in which they were given. */
async function readLabels(
  tx: Db,
  promptIds: readonly string[],
  { responses: given, recipe }: { responses: Promise<ReadonlyMap<string, SourceResponse>>; recipe: Recipe },
): Promise<Map<string, Label[]>> {
  const found = tx
    .select({
      promptId: markFact.promptId,
      responseId: markFact.responseId,
      item: markFact.item,
      annotationId: markFact.annotationId,
      raterId: markFact.raterId,
    })
    .from(markFact)
    .innerJoin(admitted, eq(admitted.id, markFact.annotationId))
    .innerJoin(formVersion, eq(formVersion.id, admitted.formVersionId))
    .where(
      and(
        inArray(
          markFact.taskId,
          tx.select({ id: task.id }).from(task).where(anyOf(task.promptId, promptIds)),
        ),
        inArray(markFact.item, ["good", "bad"]),
        sql`jsonb_path_exists(${formVersion.questions}, '$[*] ? (@.type == "choice" && @.id == $id)',
          jsonb_build_object('id', ${markFact.questionId}))`,
        taken(recipe),
      ),
    )
    .orderBy(asc(admitted.submittedAt), asc(markFact.id));
  const [rows, responses] = await Promise.all([found, given]);
  const byPrompt = new Map<string, Label[]>();
  for (const { promptId, responseId, item, annotationId, raterId } of rows) {
    const labelled = responseId === null ? undefined : responses.get(responseId);
    if (!labelled) continue;
    const found = byPrompt.get(promptId) ?? [];
    byPrompt.set(promptId, found);
    found.push({ response: labelled, good: item === "good", annotationId, raterId });
  }
  return byPrompt;
}

async function readWritten(
  tx: Db,
  promptIds: readonly string[],
  recipe: Recipe,
): Promise<Map<string, WrittenReply[]>> {
  const rows = await tx
    .select({
      promptId: task.promptId,
      annotationId: admitted.id,
      raterId: admitted.raterId,
      answers: admitted.answers,
      questions: formVersion.questions,
    })
    .from(admitted)
    .innerJoin(task, eq(task.id, admitted.taskId))
    .innerJoin(formVersion, eq(formVersion.id, admitted.formVersionId))
    .where(
      and(
        anyOf(task.promptId, promptIds),
        taken(recipe),
        sql`jsonb_path_exists(${admitted.answers}::jsonb, '$.* ? (@.type == "text" || @.type == "edit")')`,
      ),
    )
    .orderBy(asc(admitted.submittedAt), asc(admitted.id));
  const byPrompt = new Map<string, WrittenReply[]>();
  for (const { promptId, annotationId, raterId, answers, questions } of rows) {
    const found = byPrompt.get(promptId) ?? [];
    byPrompt.set(promptId, found);
    for (const reply of repliesIn(storedQuestions(questions), storedAnswers(answers)))
      found.push({ annotationId, raterId, ...reply });
  }
  return byPrompt;
}
