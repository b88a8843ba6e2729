import { join } from "node:path";
import { writeExport } from "../../../server/dataset/files";
import { pushSpecSchema } from "../../../server/dataset/schema";
import { handler } from "../handler";
import { hubToken, pushToHub } from "../hub";
import { rateOf } from "../rate";

/** Writes a version's files and commits them to a Hub repository, with the token its starter stored. */
export const pushVersion = handler(pushSpecSchema, async (work) => {
  const { db, projectId, spec, folder, progress, signal, log } = work;
  const accessToken = await hubToken(work);
  const rate = rateOf("rows");
  const { files, rows, skipped } = await writeExport(db, {
    projectId,
    spec,
    folder,
    onProgress: (done, total) => progress(rate(done, total)),
    signal,
  });
  await pushToHub(work, {
    repo: { type: "dataset", name: spec.repository },
    accessToken,
    isPrivate: spec.private,
    files: files.map(({ name }) => ({ name, path: join(folder, name) })),
  });
  await log("info", `Pushed ${files.length} files to ${spec.repository}.`);
  return { repository: spec.repository, files: files.map(({ name }) => name), rows, skipped };
});
