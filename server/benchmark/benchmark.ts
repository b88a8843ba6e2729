import { and, asc, desc, eq, inArray, isNotNull, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { benchmark, benchmarkItem, dataset, datasetVersion, model, run } from "../../db/schema";
import type {
  AskedBenchmark,
  BenchmarkContamination,
  BenchmarkFigure,
  BenchmarkGroup,
  ItemTaint,
} from "../../db/shape/benchmark";
import { artifactBehind } from "../artifact/access";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { ancestry, getModel } from "../model/model";
import { attachArtifact } from "../run/file";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { InputError } from "../statistics/estimate";
import { keyOf } from "./plan";
import type { Benchmark, BenchmarkDetail, benchmarkSpecSchema } from "./schema";
import { suites } from "./suites";

/** Queues a benchmark of a model, with its row: what is asked stands there, answered items beside it. */
export async function startBenchmark(
  db: Db,
  actor: Actor,
  { projectId, modelId, name, ...asked }: z.infer<typeof benchmarkSpecSchema> & { projectId: string },
): Promise<Run> {
  const subject = await getModel(db, { projectId, modelId });
  const judge = asked.judgeModelId ? await getModel(db, { projectId, modelId: asked.judgeModelId }) : null;
  const files = await uploadedFiles(db, { projectId, files: asked.files });
  const key = keyOfAsked(asked);
  return db.transaction(async (tx) => {
    const silent = [subject, judge].find((one) => one?.method === "reward");
    if (silent)
      throw invalid(`${silent.name} is a reward model: it scores and does not write. Choose another model.`);
    const title = Object.hasOwn(suites, asked.suite) ? suites[asked.suite].title : "Own benchmark";
    const of = asked.files.find(({ holds }) => holds === "questions") ?? asked.files[0];
    const called = name ?? `${title.split(/[:(]/)[0].trim()}, ${of.name}`;
    const [{ id: benchmarkId }] = await tx
      .insert(benchmark)
      .values({ projectId, modelId, key, name: called, asked, createdBy: actor.personId })
      .returning({ id: benchmark.id });
    const queued = await queueRun(tx, actor, {
      projectId,
      kind: "benchmark",
      title: `${called} on ${subject.name}`,
      spec: { modelId, benchmarkId },
      requirements: { engine: "onnx" },
    });
    await tx.update(benchmark).set({ runId: queued.id }).where(eq(benchmark.id, benchmarkId));
    // As long as the run is there its data is, whatever becomes of the uploads.
    for (const { name, ...stored } of files)
      await attachArtifact(tx, { runId: queued.id, name: `data/${name}`, stored });
    return queued;
  });
}

/** Uploads of the project. @throws NOT_FOUND for what was not uploaded to it */
export async function uploadedFiles(
  db: Db,
  { projectId, files }: { projectId: string; files: AskedBenchmark["files"] },
) {
  return Promise.all(
    files.map(async ({ name, sha256 }) => ({
      name,
      ...(await artifactBehind(db, { as: "upload", projectId, sha256, name })),
    })),
  );
}

/** @throws BAD_REQUEST saying which field of the task is wrong */
function keyOfAsked(asked: AskedBenchmark): string {
  try {
    return keyOf(asked);
  } catch (error) {
    throw error instanceof InputError ? invalid(error.message) : error;
  }
}

const columns = {
  id: benchmark.id,
  modelId: benchmark.modelId,
  model: model.name,
  runId: benchmark.runId,
  status: run.status,
  name: benchmark.name,
  key: benchmark.key,
  asked: benchmark.asked,
  createdAt: benchmark.createdAt,
  finishedAt: benchmark.finishedAt,
  documents: benchmark.documents,
  seconds: benchmark.seconds,
  figures: benchmark.figures,
  contamination: benchmark.contamination,
};

const selected = (db: Db, where: SQL | undefined) =>
  db
    .select({ ...columns, groups: benchmark.groups })
    .from(benchmark)
    .innerJoin(model, eq(model.id, benchmark.modelId))
    .leftJoin(run, eq(run.id, benchmark.runId))
    .where(where);

/** Benchmarks of a project's models, or of one, newest first. */
export async function listBenchmarks(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId?: string },
): Promise<Benchmark[]> {
  const found = await selected(
    db,
    and(eq(benchmark.projectId, projectId), modelId ? eq(benchmark.modelId, modelId) : undefined),
  ).orderBy(desc(benchmark.createdAt));
  return found.map(({ groups: _, ...row }) => row);
}

/** A benchmark with its figures by kinds of items. */
export async function getBenchmark(
  db: Db,
  { projectId, benchmarkId }: { projectId: string; benchmarkId: string },
): Promise<BenchmarkDetail> {
  const [found] = await selected(db, and(eq(benchmark.id, benchmarkId), eq(benchmark.projectId, projectId)));
  if (!found) throw notFound("The benchmark");
  const ids = found.contamination?.versions.map(({ versionId }) => versionId) ?? [];
  return { ...found, versions: await versionNames(db, ids) };
}

const versionName = sql<string>`${dataset.name} || ' v' || ${datasetVersion.version}`;

/** What versions are called on pages; those that are gone are left out. */
export async function versionNames(db: Db, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return db
    .select({ id: datasetVersion.id, name: versionName })
    .from(datasetVersion)
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .where(inArray(datasetVersion.id, [...new Set(ids)]));
}

/** Takes a benchmark away with its items: it is then on no page and in no scorecard. */
export async function deleteBenchmark(
  db: Db,
  actor: Actor,
  of: { projectId: string; benchmarkId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { id, name, modelId, status } = await getBenchmark(tx, of);
    if (status === "queued" || status === "running")
      throw conflict("The benchmark is still run: cancel its run first.");
    await tx.delete(benchmark).where(eq(benchmark.id, id));
    await audit(tx, actor, {
      action: "benchmark.delete",
      target: { kind: "benchmark", id },
      projectId: of.projectId,
      before: { name, modelId },
    });
  });
}

/** The versions that a model, or one it was made from, was trained on. */
export async function versionsBehind(db: Db, modelId: string) {
  const ids = await db
    .selectDistinct({ id: model.versionId })
    .from(model)
    .where(and(sql`${model.id} in (${ancestry([modelId])})`, isNotNull(model.versionId)));
  return versionNames(
    db,
    ids.flatMap(({ id }) => id ?? []),
  );
}

type NewItem = typeof benchmarkItem.$inferInsert;

/** Stores answered items; one that is there already stays. */
export async function storeItems(db: Db, items: readonly NewItem[]): Promise<void> {
  if (items.length > 0)
    await db
      .insert(benchmarkItem)
      .values([...items])
      .onConflictDoNothing();
}

/** Places and grades of what is answered already. */
export async function answeredItems(db: Db, benchmarkId: string) {
  return db
    .select({
      position: benchmarkItem.position,
      graded: benchmarkItem.graded,
      cut: benchmarkItem.cut,
      tokens: benchmarkItem.tokens,
    })
    .from(benchmarkItem)
    .where(eq(benchmarkItem.benchmarkId, benchmarkId))
    .orderBy(asc(benchmarkItem.position));
}

/** Says how many documents there are, and how long an attempt has had the model open. */
export async function noteAttempt(
  db: Db,
  { benchmarkId, documents, seconds }: { benchmarkId: string; documents: number; seconds: number },
): Promise<void> {
  await db
    .update(benchmark)
    .set({ documents, seconds: sql`${benchmark.seconds} + ${seconds}` })
    .where(eq(benchmark.id, benchmarkId));
}

/** Stores what all items together came to, and how each stands in training data. */
export async function finishBenchmark(
  db: Db,
  {
    benchmarkId,
    taints,
    ...outcome
  }: {
    benchmarkId: string;
    figures: BenchmarkFigure[];
    groups: BenchmarkGroup[];
    contamination: BenchmarkContamination | null;
    /** Of those that are tainted, by place. */
    taints: ReadonlyMap<number, ItemTaint>;
  },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(benchmarkItem).set({ taint: null }).where(eq(benchmarkItem.benchmarkId, benchmarkId));
    const found = JSON.stringify([...taints].map(([position, taint]) => ({ position, taint })));
    await tx.execute(sql`update ${benchmarkItem} set taint = t.taint
      from jsonb_to_recordset(${found}::jsonb) as t(position int, taint jsonb)
      where ${benchmarkItem.benchmarkId} = ${benchmarkId} and ${benchmarkItem.position} = t.position`);
    await tx
      .update(benchmark)
      .set({ ...outcome, finishedAt: new Date() })
      .where(eq(benchmark.id, benchmarkId));
  });
}

/** Tokens a second of the last benchmark that a model finished; null of none. */
export async function paceOf(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<number | null> {
  const [last] = await db
    .select({
      pace: sql<number | null>`(select sum(${benchmarkItem.tokens})::float8 from ${benchmarkItem}
        where ${benchmarkItem.benchmarkId} = ${benchmark.id}) / nullif(${benchmark.seconds}, 0)`,
    })
    .from(benchmark)
    .where(
      and(
        eq(benchmark.projectId, projectId),
        eq(benchmark.modelId, modelId),
        isNotNull(benchmark.finishedAt),
      ),
    )
    .orderBy(desc(benchmark.finishedAt))
    .limit(1);
  return last?.pace ?? null;
}
