import { join } from "node:path";
import { writeExport } from "../../server/dataset/files";
import { pushSpecSchema } from "../../server/dataset/schema";
import type { Handler } from "../handler";
import { hubToken, pushToHub } from "../hub";
import { rateOf } from "../rate";

/** Writes a version's files and commits them to a Hub repository, with the token its starter stored. */
export const pushVersion: Handler = async (work) => {
  const { run, db, folder, progress, signal, log } = work;
  const spec = pushSpecSchema.parse(run.spec);
  if (!run.projectId) throw new Error("A push belongs to a project.");
  const accessToken = await hubToken(work);
  const rows = rateOf("rows");
  const files = await writeExport(db, {
    projectId: run.projectId,
    spec,
    folder,
    onProgress: (done, total) => progress(rows(done, total)),
    signal,
  });
  await pushToHub(work, {
    repo: { type: "dataset", name: spec.repository },
    accessToken,
    isPrivate: spec.private,
    files: files.map(({ name }) => ({ name, path: join(folder, name) })),
  });
  await log("info", `Pushed ${files.length} files to ${spec.repository}.`);
  return { repository: spec.repository, files: files.map(({ name }) => name) };
};
