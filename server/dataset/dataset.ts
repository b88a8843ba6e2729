import { and, asc, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, dataset, datasetRow, datasetVersion } from "../../db/schema";
import type { DatasetKind, Split } from "../../db/shape/dataset-kinds";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";

export async function createDataset(
  db: Db,
  actor: Actor,
  { projectId, name, kind }: { projectId: string; name: string; kind: DatasetKind },
) {
  return db.transaction(async (tx) => {
    const [created] = await tx
      .insert(dataset)
      .values({ projectId, name, kind })
      .onConflictDoNothing()
      .returning();
    if (!created) throw conflict(`The project already has a dataset called "${name}".`);
    await audit(tx, actor, {
      action: "dataset.create",
      target: { kind: "dataset", id: created.id },
      projectId,
      after: { name, kind },
    });
    return created;
  });
}

/** Datasets with their number of versions and the newest of them. */
export async function listDatasets(db: Db, { projectId }: { projectId: string }) {
  const datasets = await db
    .select()
    .from(dataset)
    .where(eq(dataset.projectId, projectId))
    .orderBy(asc(dataset.name));
  const newest = await db
    .selectDistinctOn([datasetVersion.datasetId])
    .from(datasetVersion)
    .where(eq(datasetVersion.projectId, projectId))
    .orderBy(datasetVersion.datasetId, desc(datasetVersion.version));
  const byDataset = new Map(newest.map((version) => [version.datasetId, version]));
  return datasets.map((item) => ({ ...item, newest: byDataset.get(item.id) ?? null }));
}

export async function getDataset(db: Db, { projectId, datasetId }: { projectId: string; datasetId: string }) {
  const [found] = await db
    .select()
    .from(dataset)
    .where(and(eq(dataset.id, datasetId), eq(dataset.projectId, projectId)));
  if (!found) throw notFound("The dataset");
  return found;
}

export async function listVersions(
  db: Db,
  { projectId, datasetId }: { projectId: string; datasetId: string },
) {
  await getDataset(db, { projectId, datasetId });
  return db
    .select()
    .from(datasetVersion)
    .where(eq(datasetVersion.datasetId, datasetId))
    .orderBy(desc(datasetVersion.version));
}

export async function getVersion(db: Db, { projectId, versionId }: { projectId: string; versionId: string }) {
  const [found] = await db
    .select()
    .from(datasetVersion)
    .where(and(eq(datasetVersion.id, versionId), eq(datasetVersion.projectId, projectId)));
  if (!found) throw notFound("The dataset version");
  return found;
}

/** Rows in frozen order, one page after `afterIndex`. */
export async function listRows(
  db: Db,
  input: { projectId: string; versionId: string; split?: Split; afterIndex: number; limit: number },
) {
  await getVersion(db, input);
  return db
    .select({
      index: datasetRow.index,
      split: datasetRow.split,
      row: datasetRow.row,
      promptId: datasetRow.promptId,
      annotationIds: datasetRow.annotationIds,
    })
    .from(datasetRow)
    .where(
      and(
        eq(datasetRow.versionId, input.versionId),
        gt(datasetRow.index, input.afterIndex),
        input.split ? eq(datasetRow.split, input.split) : undefined,
      ),
    )
    .orderBy(asc(datasetRow.index))
    .limit(input.limit);
}

const ROWS_PER_READ = 1000;

/** All rows of a split in frozen order, read page by page. */
export async function* rowsOfSplit(
  db: Db,
  of: { projectId: string; versionId: string; split: Split },
): AsyncGenerator<Awaited<ReturnType<typeof listRows>>[number]> {
  for (let afterIndex = -1; ; ) {
    const page = await listRows(db, { ...of, afterIndex, limit: ROWS_PER_READ });
    yield* page;
    if (page.length < ROWS_PER_READ) return;
    afterIndex = page[page.length - 1].index;
  }
}

/**
 * What changed from the version before: rows by id, rows whose content (margin, raters) differs, and rows that went to
 * another split. Null for a first version.
 */
export async function diffToPrevious(db: Db, input: { projectId: string; versionId: string }) {
  const version = await getVersion(db, input);
  const [previous] = await db
    .select({ id: datasetVersion.id, version: datasetVersion.version })
    .from(datasetVersion)
    .where(and(eq(datasetVersion.datasetId, version.datasetId), lt(datasetVersion.version, version.version)))
    .orderBy(desc(datasetVersion.version))
    .limit(1);
  if (!previous) return null;
  const [counts] = await db.execute<{ added: number; removed: number; changed: number; moved: number }>(sql`
    select count(*) filter (where old.id is null)::int as added,
           count(*) filter (where new.id is null)::int as removed,
           count(*) filter (where old.row::jsonb <> new.row::jsonb)::int as changed,
           count(*) filter (where old.split <> new.split)::int as moved
    from (select row->>'id' as id, row, split from dataset_row where version_id = ${version.id}) new
    full join (select row->>'id' as id, row, split from dataset_row where version_id = ${previous.id}) old
      using (id)`);
  return { previousId: previous.id, previousVersion: previous.version, ...counts };
}

/** The versions that contain an annotation: the way from a judgement forward to what was made of it. */
export async function versionsWith(db: Db, input: { projectId: string; annotationId: string }) {
  const isHere = and(eq(annotation.id, input.annotationId), eq(annotation.projectId, input.projectId));
  if ((await db.$count(annotation, isHere)) === 0) throw notFound("The judgement");
  return db
    .selectDistinct({
      id: datasetVersion.id,
      datasetId: datasetVersion.datasetId,
      version: datasetVersion.version,
    })
    .from(datasetRow)
    .innerJoin(datasetVersion, eq(datasetVersion.id, datasetRow.versionId))
    .where(
      and(
        eq(datasetVersion.projectId, input.projectId),
        sql`${datasetRow.annotationIds} @> array[${input.annotationId}]::uuid[]`,
      ),
    );
}
