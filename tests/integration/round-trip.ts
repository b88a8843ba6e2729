import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Db } from "@/db/client";
import { recipeSchema } from "@/db/shape/dataset";
import type { DatasetKind } from "@/db/shape/dataset-kinds";
import { system } from "@/server/audit/audit";
import { createDataset } from "@/server/dataset/dataset";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { type ExportFormat, type ExportLayout, exportSpecSchema } from "@/server/dataset/schema";
import { importFiles } from "@/server/import/import";
import { importSpecSchema } from "@/server/import/schema";
import { fileOnDisk, type SourceFile } from "@/server/import/source/file";
import { Surveyor } from "@/server/import/survey";
import { queueRun } from "@/server/run/queue";
import type { TestDatabase } from "./database";
import { study } from "./study";

const signal = new AbortController().signal;
const onProgress = () => {};

/** A version of the rows of files, imported into a new project. */
export async function frozenFrom(
  database: TestDatabase,
  kind: DatasetKind,
  sources: readonly SourceFile[],
  recipe: object,
) {
  const { db } = database;
  const { projectId } = await study(database, { tasks: 0 });
  const { id: runId } = await queueRun(db, system, { projectId, kind: "import", title: "Rows", spec: {} });
  const { files: _files, ...spec } = importSpecSchema.parse({
    files: [{ name: "rows", sha256: "0".repeat(64) }],
    seats: 0,
  });
  const folder = await mkdtemp(join(tmpdir(), "concord-round-"));
  const surveyor = await Surveyor.open(sources, spec.options, {
    problems: join(folder, "problems.jsonl"),
    rejected: join(folder, "rejected.jsonl"),
  });
  await importFiles(db, system, { projectId, runId, spec, sources, surveyor, onProgress, signal });
  await surveyor.close();
  const { id: datasetId } = await createDataset(db, system, { projectId, name: kind, kind });
  const freeze = await queueRun(db, system, { projectId, kind: "freeze", title: "Rows", spec: {} });
  const version = await freezeVersion(db, {
    projectId,
    datasetId,
    recipe: recipeSchema.parse(recipe),
    runId: freeze.id,
    actor: system,
    onProgress,
    signal,
  });
  return { projectId, version };
}

/** The data files of a version's export. */
export async function filesOf(
  db: Db,
  {
    projectId,
    versionId,
    layout,
    format,
  }: { projectId: string; versionId: string; layout: ExportLayout; format: ExportFormat },
) {
  const folder = await mkdtemp(join(tmpdir(), "concord-round-"));
  const spec = exportSpecSchema.parse({ versionId, layout, format });
  const { files } = await writeExport(db, { projectId, spec, folder, onProgress, signal });
  return Promise.all(
    files
      .filter(({ name }) => name.startsWith("data/"))
      .map(({ name }) => fileOnDisk(join(folder, name), name)),
  );
}
