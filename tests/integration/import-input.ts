import { join } from "node:path";
import type { Db } from "@/db/client";
import { run } from "@/db/schema";
import { importSpecSchema } from "@/server/import/schema";
import { fileInMemory } from "@/server/import/source/file";
import { Surveyor } from "@/server/import/survey";
import { jsonl } from "../unit/import-helpers";
import { newKey } from "./study";

/**
 * What an import or its check is given, without an upload and a worker: a run, a file of rows, a surveyor.
 * @param folder where problems and rejected rows are written
 */
export async function importInput(
  db: Db,
  folder: string,
  {
    projectId,
    rows,
    ...spec
  }: { projectId: string; rows: readonly object[]; options: object; seats?: number },
) {
  const source = fileInMemory("rows.jsonl", jsonl(...rows));
  const files = [{ name: source.name, sha256: "0".repeat(64) }];
  const { options, ...rest } = importSpecSchema.parse({ files, ...spec });
  const runId = newKey();
  await db.insert(run).values({ id: runId, projectId, kind: "import", title: "Import", spec: {} });
  const surveyor = await Surveyor.open([source], options, {
    problems: join(folder, `${runId}-problems.jsonl`),
    rejected: join(folder, `${runId}-rejected.jsonl`),
  });
  return {
    projectId,
    runId,
    spec: { ...rest, options },
    sources: [source],
    surveyor,
    onProgress: () => {},
    signal: new AbortController().signal,
  };
}
