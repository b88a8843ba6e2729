import { and, asc, desc, eq, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { z } from "zod";
import type { Db } from "../../db/client";
import {
  annotation,
  dataset,
  datasetRow,
  datasetVersion,
  model,
  rater,
  redTeamAttempt,
  redTeamJudgement,
  response,
  run,
  task,
} from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { env } from "../env";
import { invalid, notFound } from "../errors";
import { holdRater, pairsOfRater, recountPairs } from "../judgement/pairs";
import { queueRun } from "../run/queue";
import { holdSeats, leaveSeats, returnToSeats } from "../seat/consent";
import { mayBeNamed, NoSuchModel, openModelFolder, seesModels } from "./folder";
import type {
  addModelSchema,
  Lineage,
  Model,
  ModelForm,
  modelExportSchema,
  modelPushSchema,
  NewModel,
  touchedSchema,
} from "./schema";

type NewRow = Omit<typeof model.$inferInsert, "createdAt">;

/** Registers a model. Called twice for one run (after a crash), it answers with the first. */
export async function registerModel(tx: Db, actor: Actor, row: NewRow): Promise<Model> {
  const [known] = row.runId ? await tx.select().from(model).where(eq(model.runId, row.runId)) : [];
  if (known) return known;
  const [created] = await tx.insert(model).values(row).returning();
  await audit(tx, actor, {
    action: "model.register",
    target: { kind: "model", id: created.id },
    projectId: created.projectId,
    after: { name: created.name, method: created.method, source: created.source, runId: created.runId },
  });
  return created;
}

/** Adds a base model by where it lies. Workers open it when a run needs it. */
export async function addModel(
  db: Db,
  actor: Actor,
  { projectId, ...given }: z.infer<typeof addModelSchema> & { projectId: string },
): Promise<Model> {
  const { source } = given;
  if (source.kind === "folder" && !mayBeNamed(source.path, env()))
    throw invalid(
      "A model's folder lies below one that an admin has listed in CONCORD_MODELS. Ask for that, or name a repository of the Hub.",
    );
  if (source.kind === "folder" && seesModels(env())) openedHere(source.path);
  return db.transaction((tx) =>
    registerModel(tx, actor, {
      ...given,
      projectId,
      method: "base",
      format: "full",
      createdBy: actor.personId,
    }),
  );
}

/** @throws BAD_REQUEST where no model lies in the folder: it would be a base, and fail in the run that needs it */
function openedHere(path: string): void {
  try {
    openModelFolder(path, env());
  } catch (error) {
    throw error instanceof NoSuchModel ? invalid(error.message) : error;
  }
}

/** Queues the making of a model from nothing. */
export async function makeModel(
  db: Db,
  actor: Actor,
  { projectId, ...spec }: NewModel & { projectId: string },
) {
  return db.transaction((tx) =>
    queueRun(tx, actor, {
      projectId,
      kind: "new_model",
      title: `Make ${spec.name}`,
      spec,
      requirements: { engine: "onnx" },
    }),
  );
}

/** How a model signs its responses: names may repeat, ids do not. */
export const sourceOf = ({ name, id }: Pick<Model, "name" | "id">) => `${name} (${id.slice(-6)})`;

const formNames = { peft: "PEFT adapter", full: "Hugging Face directory", onnx: "ONNX" } as const;

/** Queues the writing of a model's files in the form that is asked for. */
export async function exportModel(
  db: Db,
  actor: Actor,
  { projectId, spec }: { projectId: string; spec: z.infer<typeof modelExportSchema> },
) {
  return db.transaction(async (tx) => {
    const { name } = await modelInForm(tx, { projectId, ...spec });
    const title = `Export ${name} as ${formNames[spec.form]}`;
    return queueRun(tx, actor, { projectId, kind: "export", title, spec });
  });
}

/** Queues the push of a model to the Hub. */
export async function pushModel(
  db: Db,
  actor: Actor,
  { projectId, spec }: { projectId: string; spec: z.infer<typeof modelPushSchema> },
) {
  return db.transaction(async (tx) => {
    const { name } = await modelInForm(tx, { projectId, ...spec });
    const title = `Push ${name} to ${spec.repository}`;
    return queueRun(tx, actor, { projectId, kind: "push", title, spec });
  });
}

async function modelInForm(
  tx: Db,
  { form, ...of }: { projectId: string; modelId: string; form: ModelForm },
): Promise<Model> {
  const found = await getModel(tx, of);
  if (form === "peft" && found.format !== "adapter")
    throw invalid(`${found.name} is a full model and no PEFT adapter.`);
  return found;
}

/** Newest first; archived ones are left out. */
export async function listModels(db: Db, { projectId }: { projectId: string }): Promise<Model[]> {
  return db
    .select()
    .from(model)
    .where(and(eq(model.projectId, projectId), isNull(model.archivedAt)))
    .orderBy(desc(model.createdAt));
}

export async function getModel(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<Model> {
  const [found] = await db
    .select()
    .from(model)
    .where(and(eq(model.id, modelId), eq(model.projectId, projectId)));
  if (!found) throw notFound("The model");
  return found;
}

/** Takes a model out of the lists. Its files and its lineage stay. */
export async function archiveModel(
  db: Db,
  actor: Actor,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<Model> {
  return db.transaction(async (tx) => {
    await getModel(tx, { projectId, modelId });
    const [archived] = await tx
      .update(model)
      .set({ archivedAt: new Date() })
      .where(eq(model.id, modelId))
      .returning();
    await audit(tx, actor, { action: "model.archive", target: { kind: "model", id: modelId }, projectId });
    return archived;
  });
}

/** The ids of models and of all they were made from: parents, bases, and adapters that were merged into those. */
export const ancestry = (modelIds: readonly string[]): SQL => sql`
  with recursive line(id) as (
    select id from ${model} where id in ${modelIds}
    union
    select older.id from line join ${model} on ${model.id} = line.id
      join ${model} older on older.id in (${model.parentId}, ${model.baseId})
  ) select id from line`;

/** model ← run ← dataset version ← annotations ← raters, and what was trained on from it. */
export async function lineageOf(db: Db, of: { projectId: string; modelId: string }): Promise<Lineage> {
  const found = await getModel(db, of);
  const near = await db
    .select()
    .from(model)
    .where(
      and(
        eq(model.projectId, of.projectId),
        sql`(${model.id} in (${found.baseId}, ${found.parentId}) or ${model.parentId} = ${found.id} or ${model.baseId} = ${found.id})`,
      ),
    )
    .orderBy(asc(model.createdAt));
  const byId = (id: string | null) => near.find((other) => other.id === id) ?? null;
  const [made] = found.runId
    ? await db
        .select({ id: run.id, title: run.title, kind: run.kind })
        .from(run)
        .where(eq(run.id, found.runId))
    : [];
  return {
    model: found,
    base: byId(found.baseId),
    parent: byId(found.parentId),
    children: near.filter((other) => other.parentId === found.id || other.baseId === found.id),
    run: made ?? null,
    withdrawn: await withdrawnBehind(db, of),
    ...(found.versionId ? await dataBehind(db, found.versionId) : { version: null, raters: [] }),
  };
}

async function dataBehind(db: Db, versionId: string): Promise<Pick<Lineage, "version" | "raters">> {
  const [version] = await db
    .select({
      id: datasetVersion.id,
      datasetId: datasetVersion.datasetId,
      dataset: dataset.name,
      version: datasetVersion.version,
      sha256: datasetVersion.sha256,
      rows: datasetVersion.rows,
      manifest: datasetVersion.manifest,
    })
    .from(datasetVersion)
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .where(eq(datasetVersion.id, versionId));
  if (!version) return { version: null, raters: [] };
  const behind = db
    .selectDistinct({ id: sql<string>`unnest(${datasetRow.annotationIds})`.as("annotation_id") })
    .from(datasetRow)
    .where(eq(datasetRow.versionId, versionId))
    .as("behind");
  const said = unionAll(
    db.select({ id: annotation.id, raterId: annotation.raterId }).from(annotation),
    db.select({ id: redTeamJudgement.id, raterId: redTeamJudgement.raterId }).from(redTeamJudgement),
  ).as("said");
  const raters = await db
    .select({
      id: rater.id,
      name: rater.name,
      annotations: sql<number>`count(*)::int`,
      withdrawn: sql<boolean>`${rater.consentWithdrawnAt} is not null`,
    })
    .from(behind)
    .innerJoin(said, eq(said.id, behind.id))
    .innerJoin(rater, eq(rater.id, said.raterId))
    .groupBy(rater.id)
    .orderBy(desc(sql`count(*)`));
  const { manifest, ...facts } = version;
  return { version: { ...facts, annotations: manifest.annotations }, raters };
}

type Touched = z.infer<typeof touchedSchema>;

/**
 * What holds work of a rater, attacks on models among it: the versions with rows that rest on it, the models trained on
 * those, those that were trained on from them, the versions whose rows judge replies of such models, and so on.
 * Shown when consent is withdrawn; the next version leaves the work out by itself.
 */
export async function touchedBy(
  db: Db,
  { projectId, raterId }: { projectId: string; raterId: string },
): Promise<Touched> {
  const isRater = and(eq(rater.id, raterId), eq(rater.projectId, projectId));
  if ((await db.$count(rater, isRater)) === 0) throw notFound("The rater");
  const own = sql`select ${annotation.id} from ${annotation}
    where ${annotation.raterId} = ${raterId} and ${annotation.projectId} = ${projectId}
    union all select ${redTeamJudgement.id} from ${redTeamJudgement}
    join ${redTeamAttempt} on ${redTeamAttempt.id} = ${redTeamJudgement.attemptId}
    where ${redTeamJudgement.projectId} = ${projectId} and ${raterId} in (${redTeamJudgement.raterId}, ${redTeamAttempt.raterId})`;
  const touched: Touched = {
    versions: await versionsResting(db, { projectId, on: own, through: "judgements" }),
    models: [],
  };
  for (let fresh: string[] = touched.versions.map(({ id }) => id); fresh.length > 0; ) {
    const known = new Set(touched.models.map(({ id }) => id));
    const models = (await modelsHolding(db, fresh)).filter(({ id }) => !known.has(id));
    touched.models.push(...models);
    if (models.length === 0) break;
    const versions = await versionsResting(db, {
      projectId,
      on: judgementsOfReplies(projectId, models.map(sourceOf)),
      through: "replies",
    });
    const listed = new Set(touched.versions.map(({ id }) => id));
    const more = versions.filter(({ id }) => !listed.has(id));
    touched.versions.push(...more);
    fresh = more.map(({ id }) => id);
  }
  return touched;
}

/** The models trained on versions, and those that were trained on from them. */
function modelsHolding(db: Db, versionIds: readonly string[]) {
  const trained = sql`with recursive touched as (
      select id from ${model} where ${inArray(model.versionId, [...versionIds])}
      union select m.id from ${model} m join touched t on t.id in (m.parent_id, m.base_id))
    select id from touched`;
  return db
    .select({ id: model.id, name: model.name, method: model.method, versionId: model.versionId })
    .from(model)
    .where(sql`${model.id} in (${trained})`)
    .orderBy(asc(model.createdAt));
}

/** Judgements of tasks that show replies of these sources. */
const judgementsOfReplies = (projectId: string, sources: readonly string[]): SQL => sql`
  select ${annotation.id} from ${annotation} join ${task} on ${task.id} = ${annotation.taskId}
  where ${task.projectId} = ${projectId} and ${task.responseIds} && array(
    select ${response.id} from ${response}
    where ${response.projectId} = ${projectId} and ${inArray(response.source, [...sources])})`;

/** The versions with rows that rest on judgements. */
function versionsResting(
  db: Db,
  { projectId, on, through }: { projectId: string; on: SQL; through: Touched["versions"][number]["through"] },
): Promise<Touched["versions"]> {
  return db
    .select({
      id: datasetVersion.id,
      dataset: dataset.name,
      version: datasetVersion.version,
      rows: sql<number>`count(*)::int`,
      through: sql<typeof through>`${through}::text`,
    })
    .from(datasetRow)
    .innerJoin(datasetVersion, eq(datasetVersion.id, datasetRow.versionId))
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .where(and(eq(datasetVersion.projectId, projectId), sql`${datasetRow.annotationIds} && array(${on})`))
    .groupBy(datasetVersion.id, dataset.name)
    .orderBy(asc(dataset.name), asc(datasetVersion.version));
}

/** The raters whose consent is withdrawn and whose work a model holds, by itself or by what it was made from. */
async function withdrawnBehind(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<{ id: string; name: string }[]> {
  const withdrawn = await db
    .select({ id: rater.id, name: rater.name })
    .from(rater)
    .where(and(eq(rater.projectId, projectId), isNotNull(rater.consentWithdrawnAt)))
    .orderBy(asc(rater.name));
  const behind = [];
  for (const one of withdrawn) {
    const { models } = await touchedBy(db, { projectId, raterId: one.id });
    if (models.some(({ id }) => id === modelId)) behind.push(one);
  }
  return behind;
}

/** Withdraws, or gives again, a rater's consent to the use of their judgements. */
export async function setConsent(
  db: Db,
  actor: Actor,
  { projectId, raterId, withdrawn }: { projectId: string; raterId: string; withdrawn: boolean },
) {
  return db.transaction(async (tx) => {
    await holdSeats(tx, { projectId, raterId });
    await holdRater(tx, { projectId, raterId });
    const [changed] = await tx
      .update(rater)
      .set({ consentWithdrawnAt: withdrawn ? new Date() : null })
      .where(and(eq(rater.id, raterId), eq(rater.projectId, projectId)))
      .returning({ id: rater.id });
    if (!changed) throw notFound("The rater");
    await recountPairs(tx, pairsOfRater(raterId));
    await (withdrawn ? leaveSeats : returnToSeats)(tx, { projectId, raterId });
    await audit(tx, actor, {
      action: withdrawn ? "rater.withdrawConsent" : "rater.giveConsent",
      target: { kind: "rater", id: raterId },
      projectId,
    });
    return touchedBy(tx, { projectId, raterId });
  });
}
