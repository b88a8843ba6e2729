import { and, asc, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { embedding, model, pair, prompt, response, run, score, task } from "../../db/schema";
import type { TextKind } from "../../db/shape/meaning";
import type { Actor } from "../audit/audit";
import { excerpt } from "../content/list";
import { conflict, notFound } from "../errors";
import { getModel } from "../model/model";
import { queueRun } from "../run/queue";
import {
  type Categories,
  type MeaningStanding,
  type SearchSpec,
  searchResultSchema,
  type TextMap,
} from "./schema";

/** How many texts each model has read, of how many; models with none come last. */
export async function meaningStanding(
  db: Db,
  { projectId }: { projectId: string },
): Promise<MeaningStanding> {
  const [prompts, responses, models, read, running] = await Promise.all([
    db.$count(prompt, eq(prompt.projectId, projectId)),
    db.$count(response, eq(response.projectId, projectId)),
    db
      .select({ modelId: model.id, name: model.name })
      .from(model)
      .where(and(eq(model.projectId, projectId), isNull(model.archivedAt)))
      .orderBy(asc(model.name), asc(model.id)),
    db
      .select({
        modelId: embedding.modelId,
        prompts: sql<number>`count(*) filter (where ${embedding.responseId} is null)::int`,
        responses: sql<number>`count(${embedding.responseId})::int`,
      })
      .from(embedding)
      .where(eq(embedding.projectId, projectId))
      .groupBy(embedding.modelId),
    db
      .select({ runId: run.id, modelId: sql<string>`${run.spec}->>'modelId'` })
      .from(run)
      .where(isUnderWay(projectId)),
  ]);
  const readBy = new Map(read.map((counts) => [counts.modelId, counts]));
  const runOf = new Map(running.map(({ runId, modelId }) => [modelId, runId]));
  const all = models.map(({ modelId, name }) => ({
    ...{ prompts: 0, responses: 0, ...readBy.get(modelId) },
    ...{ modelId, name, runId: runOf.get(modelId) ?? null },
  }));
  const countOf = (one: { prompts: number; responses: number }) => one.prompts + one.responses;
  return { texts: { prompts, responses }, models: all.sort((a, b) => countOf(b) - countOf(a)) };
}

const isUnderWay = (projectId: string) =>
  and(eq(run.projectId, projectId), eq(run.kind, "embed"), inArray(run.status, ["queued", "running"]));

/**
 * Lets a model read the texts that it has not read.
 * @throws CONFLICT while it does already
 */
export async function startEmbedding(
  db: Db,
  actor: Actor,
  { projectId, modelId }: { projectId: string; modelId: string },
) {
  return db.transaction(async (tx) => {
    const { name } = await getModel(tx, { projectId, modelId });
    const [now] = await tx
      .select({ id: run.id })
      .from(run)
      .where(and(isUnderWay(projectId), sql`${run.spec}->>'modelId' = ${modelId}`));
    if (now) throw conflict(`${name} reads the texts already.`);
    return queueRun(tx, actor, {
      ...{ projectId, kind: "embed", title: `Texts as ${name} reads them`, spec: { modelId } },
      requirements: { engine: "onnx" },
    });
  });
}

/**
 * Looks for texts that mean most nearly the same as words, or as another text.
 * @throws CONFLICT where the model has read no texts, or not the one that others are to be like
 */
export async function startSearch(
  db: Db,
  actor: Actor,
  { projectId, ...spec }: SearchSpec & { projectId: string },
) {
  const { modelId, like } = spec;
  return db.transaction(async (tx) => {
    const { name } = await getModel(tx, { projectId, modelId });
    if ("promptId" in like) await requireText(tx, { projectId, ...like });
    const given = "promptId" in like ? isOf(like) : undefined;
    const [some] = await tx
      .select({ id: embedding.id })
      .from(embedding)
      .where(and(eq(embedding.projectId, projectId), eq(embedding.modelId, modelId), given))
      .limit(1);
    if (!some)
      throw conflict(
        given
          ? `${name} has not read this text: let it read the new ones first.`
          : `${name} has read no texts of this project yet: let it read them first.`,
      );
    return queueRun(tx, actor, {
      ...{ projectId, kind: "search", title: `By meaning, as ${name} reads`, spec },
      requirements: { engine: "onnx" },
    });
  });
}

const isOf = ({ promptId, responseId }: { promptId: string; responseId?: string }) =>
  and(
    eq(embedding.promptId, promptId),
    responseId ? eq(embedding.responseId, responseId) : isNull(embedding.responseId),
  );

/** @throws NOT_FOUND where the project has no such prompt, or the prompt no such response */
async function requireText(
  db: Db,
  { projectId, promptId, responseId }: { projectId: string; promptId: string; responseId?: string },
): Promise<void> {
  const isPrompt = and(eq(prompt.id, promptId), eq(prompt.projectId, projectId));
  if ((await db.$count(prompt, isPrompt)) === 0) throw notFound("The prompt");
  if (!responseId) return;
  const isResponse = and(eq(response.id, responseId), eq(response.promptId, promptId));
  if ((await db.$count(response, isResponse)) === 0) throw notFound("The response");
}

/** What a search found, as far as it is over. Texts that went meanwhile are left out. */
export async function foundTexts(db: Db, { projectId, runId }: { projectId: string; runId: string }) {
  const [search] = await db
    .select({ status: run.status, error: run.error, result: run.result })
    .from(run)
    .where(and(eq(run.id, runId), eq(run.projectId, projectId), eq(run.kind, "search")));
  if (!search) throw notFound("The search");
  const { status, error } = search;
  const result = searchResultSchema.safeParse(search.result).data;
  if (!result) return { status, error, items: null };
  const textOf = new Map(
    (await shownTexts(db, { projectId, texts: result.found })).map((text) => [nameOf(text), text]),
  );
  const items = result.found.flatMap((one) => {
    const text = textOf.get(nameOf(one));
    return text ? [{ ...text, similarity: one.similarity }] : [];
  });
  return { status, error, items };
}

interface NamedText {
  promptId: string;
  responseId: string | null;
}

const nameOf = ({ promptId, responseId }: NamedText) => `${promptId} ${responseId}`;

/** The beginnings of texts, in any order, without those that there are not. */
export async function shownTexts(
  db: Db,
  { projectId, texts }: { projectId: string; texts: readonly NamedText[] },
) {
  const wanted = new Set(texts.map(nameOf));
  const responseIds = texts.flatMap(({ responseId }) => responseId ?? []);
  const promptIds = texts.map(({ promptId }) => promptId);
  const ofPrompt = {
    ...{ promptId: prompt.id, language: prompt.language, domain: prompt.domain },
    tasks: db.$count(task, eq(task.promptId, prompt.id)),
  };
  const [prompts, responses] = await Promise.all([
    db
      .select({ ...ofPrompt, responseId: sql<null>`null`, excerpt })
      .from(prompt)
      .where(and(eq(prompt.projectId, projectId), anyOf(prompt.id, promptIds))),
    db
      .select({
        ...ofPrompt,
        responseId: response.id,
        excerpt: sql<string>`left(${response.content}, 300)`,
      })
      .from(response)
      .innerJoin(prompt, eq(prompt.id, response.promptId))
      .where(and(eq(prompt.projectId, projectId), anyOf(response.id, responseIds))),
  ]);
  return [...prompts, ...responses].filter((text) => wanted.has(nameOf(text)));
}

/** A text to be read by a model. */
export interface UnreadText {
  promptId: string;
  responseId: string | null;
  text: string;
}

/** Characters of a text that are fetched: more than a model reads of it, in every script. */
const CHARACTERS = 16_000;

/** Texts that a model has not read, by their ids, after one. */
export async function unreadTexts(
  db: Db,
  given: { projectId: string; modelId: string; of: TextKind; after: string; limit: number },
): Promise<(UnreadText & { id: string })[]> {
  const { projectId, modelId, of, after, limit } = given;
  const rows =
    of === "prompts"
      ? await db.execute<{ id: string; prompt_id: string; response_id: null; text: string }>(sql`
          select p.id, p.id as prompt_id, null as response_id, left(p.search_text, ${CHARACTERS}) as text
          from prompt p where p.project_id = ${projectId} and p.id > ${after} and not exists (
            select from embedding e
            where e.model_id = ${modelId} and e.prompt_id = p.id and e.response_id is null)
          order by p.id limit ${limit}`)
      : await db.execute<{ id: string; prompt_id: string; response_id: string; text: string }>(sql`
          select r.id, r.prompt_id, r.id as response_id, left(r.content, ${CHARACTERS}) as text
          from response r where r.project_id = ${projectId} and r.id > ${after} and not exists (
            select from embedding e where e.model_id = ${modelId} and e.response_id = r.id)
          order by r.id limit ${limit}`);
  return rows.map(({ id, prompt_id, response_id, text }) => ({
    ...{ id, text, promptId: prompt_id, responseId: response_id },
  }));
}

/** How many texts a model has not read. */
export async function countUnread(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<number> {
  const { texts, models } = await meaningStanding(db, { projectId });
  const read = models.find((one) => one.modelId === modelId);
  return texts.prompts + texts.responses - (read ? read.prompts + read.responses : 0);
}

/** Keeps what a model made of texts; of one that went meanwhile nothing. */
export async function keepEmbeddings(
  db: Db,
  given: {
    projectId: string;
    modelId: string;
    embeddings: readonly { promptId: string; responseId: string | null; vector: Buffer }[];
  },
): Promise<void> {
  const { projectId, modelId, embeddings } = given;
  const rows = embeddings.map(({ promptId, responseId, vector }) => ({
    ...{ prompt_id: promptId, response_id: responseId, vector: vector.toString("base64") },
  }));
  await db.execute(sql`
    insert into embedding (project_id, model_id, prompt_id, response_id, vector)
    select p.project_id, ${modelId}::uuid, p.id, r.id, decode(one.vector, 'base64')
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as one (prompt_id uuid, response_id uuid, vector text)
    join prompt p on p.id = one.prompt_id and p.project_id = ${projectId}
    left join response r on r.id = one.response_id and r.prompt_id = p.id
    where one.response_id is null or r.id is not null
    for key share of p
    on conflict do nothing`);
}

/** A page of embeddings as they are kept, by their ids, after one. */
export async function embeddingsAfter(
  db: Db,
  given: { projectId: string; modelId: string; of: TextKind; after: string; limit: number },
) {
  const { projectId, modelId, of, after, limit } = given;
  return db
    .select({
      ...{ id: embedding.id, vector: embedding.vector },
      ...{ promptId: embedding.promptId, responseId: embedding.responseId },
    })
    .from(embedding)
    .where(and(isReading({ projectId, modelId, of }), sql`${embedding.id} > ${after}`))
    .orderBy(asc(embedding.id))
    .limit(limit);
}

/** What a model made of one text; null where that text is not there any more. */
export async function embeddingOf(
  db: Db,
  given: { projectId: string; modelId: string; promptId: string; responseId?: string },
): Promise<Buffer | null> {
  const { projectId, modelId, promptId, responseId } = given;
  const [found] = await db
    .select({ vector: embedding.vector })
    .from(embedding)
    .where(
      and(
        ...[eq(embedding.projectId, projectId), eq(embedding.modelId, modelId)],
        isOf({ promptId, responseId }),
      ),
    );
  return found?.vector ?? null;
}

interface Reading {
  projectId: string;
  modelId: string;
  of: TextKind;
}

const isReading = ({ projectId, modelId, of }: Reading) =>
  and(
    eq(embedding.projectId, projectId),
    eq(embedding.modelId, modelId),
    of === "prompts" ? isNull(embedding.responseId) : isNotNull(embedding.responseId),
  );

/** How many texts of a kind a model has read. */
export const countRead = (db: Db, of: Reading): Promise<number> => db.$count(embedding, isReading(of));

/** Whether texts were read since the map was drawn. */
export async function isMapOld(db: Db, of: Reading): Promise<boolean> {
  const [newer] = await db
    .select({ id: embedding.id })
    .from(embedding)
    .where(and(isReading(of), isNull(embedding.x)))
    .limit(1);
  return newer !== undefined;
}

/** Gives texts their places on a map, and takes those of all others away. */
export async function placeTexts(
  db: Db,
  { placed, ...of }: Reading & { placed: readonly { id: string; x: number; y: number }[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      with placed as materialized (
        select id, x, y from json_to_recordset(${JSON.stringify(placed)}::text::json) as one (id uuid, x real, y real))
      update ${embedding} set x = placed.x, y = placed.y
      from ${embedding} old left join placed on placed.id = old.id
      where old.id = ${embedding.id} and ${isReading(of)}
        and (placed.x, placed.y) is distinct from (old.x, old.y)`);
  });
}

/** Decimals of a place: a screen has fewer. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4;

/** The map of what a model has read, with what its points can be coloured by. */
export async function textMap(db: Db, of: Reading): Promise<TextMap> {
  await getModel(db, of);
  const scorer = of.of === "responses" ? await newestScorer(db, of.projectId) : null;
  const [read, rows] = await Promise.all([
    countRead(db, of),
    db
      .select({
        ...{ promptId: embedding.promptId, responseId: embedding.responseId, x: embedding.x, y: embedding.y },
        ...{ language: prompt.language, domain: prompt.domain },
        source: of.of === "prompts" ? prompt.source : response.source,
        agreement: sql<number | null>`agreed.least`,
        score: score.reward,
      })
      .from(embedding)
      .innerJoin(prompt, eq(prompt.id, embedding.promptId))
      .leftJoin(response, eq(response.id, embedding.responseId))
      .leftJoin(
        sql`(select ${task.promptId} as prompt_id, min(${pair.agreement}) as least
          from ${pair} join ${task} on ${task.id} = ${pair.taskId}
          where ${pair.projectId} = ${of.projectId} and ${pair.votes} >= 2 group by 1) agreed`,
        sql`agreed.prompt_id = ${prompt.id}`,
      )
      .leftJoin(
        score,
        and(eq(score.responseId, embedding.responseId), sql`${score.modelId} = ${scorer?.id ?? null}::uuid`),
      )
      .where(and(isReading(of), isNotNull(embedding.x)))
      .orderBy(asc(embedding.id)),
  ]);
  return {
    read,
    promptIds: rows.map(({ promptId }) => promptId),
    responseIds: of.of === "prompts" ? null : rows.flatMap(({ responseId }) => responseId ?? []),
    x: rows.map(({ x }) => rounded(x ?? 0)),
    y: rows.map(({ y }) => rounded(y ?? 0)),
    language: categories(rows.map(({ language }) => language)),
    domain: categories(rows.map(({ domain }) => domain)),
    source: categories(rows.map(({ source }) => source)),
    agreement: rows.map(({ agreement }) => agreement),
    score: scorer ? rows.map((row) => row.score) : [],
    scoredBy: scorer?.name ?? null,
  };
}

/** The values that occur, most frequent first. */
function categories(values: readonly (string | null)[]): Categories {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const names = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([value]) => value);
  const places = new Map(names.map((name, place) => [name, place]));
  return { values: names, of: values.map((value) => (value === null ? -1 : (places.get(value) ?? -1))) };
}

async function newestScorer(db: Db, projectId: string) {
  const [found] = await db
    .select({ id: model.id, name: model.name })
    .from(model)
    .where(
      and(
        eq(model.projectId, projectId),
        sql`exists (select from ${score} where ${score.modelId} = ${model.id})`,
      ),
    )
    .orderBy(desc(model.createdAt))
    .limit(1);
  return found ?? null;
}
