import { createReadStream } from "node:fs";
import { join } from "node:path";
import { writeExport } from "../../../server/dataset/files";
import { exportSpecSchema } from "../../../server/dataset/schema";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Writes a version's files and stores them. */
export const exportVersion = handler(exportSpecSchema, async (work) => {
  const { db, projectId, spec, folder, progress, signal, attach } = work;
  const rate = rateOf("rows");
  const { files, rows, skipped } = await writeExport(db, {
    projectId,
    spec,
    folder,
    onProgress: (done, total) => progress(rate(done, total)),
    signal,
  });
  for (const { name, mediaType } of files)
    await attach(name, mediaType, createReadStream(join(folder, name)));
  return { files: files.map(({ name }) => name), rows, skipped };
});
