import type { Db } from "../../db/client";
import type { Actor } from "../audit/audit";
import { invalid } from "../errors";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { previewFiles } from "./preview/preview";
import { withMapping } from "./saved";
import type { FilePreview, ImportSpec, RequestedImport, RequestedOptions } from "./schema";
import { shapes } from "./shapes/registry";
import { uploads } from "./upload";

/** @throws BAD_REQUEST for a shape that nobody knows, which would be guessed in its stead */
function requireKnownShape({ shape }: RequestedOptions): void {
  if (shape === undefined || shapes.some(({ id }) => id === shape)) return;
  throw invalid(`There is no shape "${shape}". Known are ${shapes.map(({ id }) => id).join(", ")}.`);
}

/** The first rows of uploaded files, and what the files are taken for. */
export async function previewUploads(
  db: Db,
  { projectId, files, options }: Pick<RequestedImport, "files" | "options"> & { projectId: string },
): Promise<FilePreview[]> {
  requireKnownShape(options);
  return previewFiles(await uploads(db, { projectId, files }), await withMapping(db, { projectId, options }));
}

/** Queues the import of uploaded files, or a look at what it would do. */
export async function queueImport(
  db: Db,
  actor: Actor,
  {
    projectId,
    idempotencyKey,
    spec: asked,
  }: { projectId: string; idempotencyKey?: string; spec: RequestedImport },
): Promise<Run> {
  requireKnownShape(asked.options);
  const spec: ImportSpec = {
    ...asked,
    options: await withMapping(db, { projectId, options: asked.options }),
  };
  await uploads(db, { projectId, files: spec.files });
  const what = spec.files.length === 1 ? spec.files[0].name : `${spec.files.length} files`;
  return db.transaction((tx) =>
    queueRun(tx, actor, {
      projectId,
      kind: "import",
      title: `${spec.dryRun ? "Check" : "Import"} ${what}`,
      spec,
      idempotencyKey,
    }),
  );
}
