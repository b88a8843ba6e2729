import { openAsBlob } from "node:fs";
import { join } from "node:path";
import { createRepo, HubApiError, uploadFilesWithProgress } from "@huggingface/hub";
import { writeExport } from "../../server/dataset/files";
import { pushSpecSchema } from "../../server/dataset/schema";
import { env } from "../../server/env";
import { readSecret } from "../../server/secret/secret";
import { type Handler, TransientError } from "../handler";
import { rateOf } from "../rate";

/** Writes a version's files and commits them to a Hub repository, with the token its starter stored. */
export const push: Handler = async ({ run, db, folder, progress, signal, log }) => {
  const spec = pushSpecSchema.parse(run.spec);
  if (!run.projectId || !run.createdBy) throw new Error("A push belongs to a project and a person.");
  const accessToken = await readSecret(db, { personId: run.createdBy, name: "huggingface" });
  if (!accessToken)
    throw new Error("Store a Hugging Face token with write access under Account, then try again.");
  const rows = rateOf("rows");
  const files = await writeExport(db, {
    projectId: run.projectId,
    spec,
    folder,
    onProgress: (done, total) => progress(rows(done, total)),
    signal,
  });
  const repo = { type: "dataset", name: spec.repository } as const;
  const hub = { accessToken, hubUrl: env().HF_ENDPOINT };
  try {
    await createRepo({ repo, private: spec.private, ...hub }).catch((error) => {
      // 409: it exists already, which is as good.
      if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
    });
    const upload = uploadFilesWithProgress({
      repo,
      files: await Promise.all(
        files.map(async ({ name }) => ({ path: name, content: await openAsBlob(join(folder, name)) })),
      ),
      commitTitle: run.title,
      abortSignal: signal,
      ...hub,
    });
    const shares = rateOf("%");
    for await (const event of upload)
      if (event.event === "fileProgress") progress(shares(Math.round(100 * event.progress), 100, event.path));
  } catch (error) {
    if (error instanceof HubApiError && error.statusCode < 500)
      throw new Error(`The Hub refused ${spec.repository} (${error.statusCode}): ${error.message}`);
    throw new TransientError(
      `The Hub could not be reached: ${error instanceof Error ? error.message : error}`,
    );
  }
  await log("info", `Pushed ${files.length} files to ${spec.repository}.`);
  return { repository: spec.repository, files: files.map(({ name }) => name) };
};
