import { createReadStream } from "node:fs";
import { join } from "node:path";
import { writeExport } from "../../server/dataset/files";
import { exportSpecSchema } from "../../server/dataset/schema";
import type { Handler } from "../handler";
import { rateOf } from "../rate";

/** Writes a version's files and stores them. */
export const exportVersion: Handler = async ({ run, db, folder, progress, signal, attach }) => {
  const spec = exportSpecSchema.parse(run.spec);
  if (!run.projectId) throw new Error("An export belongs to a project.");
  const rate = rateOf("rows");
  const files = await writeExport(db, {
    projectId: run.projectId,
    spec,
    folder,
    onProgress: (done, total) => progress(rate(done, total)),
    signal,
  });
  for (const { name, mediaType } of files)
    await attach(name, mediaType, createReadStream(join(folder, name)));
  return { files: files.map(({ name }) => name) };
};
