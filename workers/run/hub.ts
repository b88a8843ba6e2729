import { openAsBlob } from "node:fs";
import { createRepo, HubApiError, type RepoDesignation, uploadFilesWithProgress } from "@huggingface/hub";
import { env } from "../../server/env";
import { readSecret } from "../../server/secret/secret";
import { TransientError, type Work } from "./handler";
import { rateOf } from "./rate";

/** A file on this machine and its path in the repository. */
export interface RepositoryFile {
  name: string;
  path: string;
}

/** The stored token of whoever started the run. @throws a sentence that says where to store one */
export async function hubToken({ db, run }: Pick<Work, "db" | "run">): Promise<string> {
  const token = run.createdBy ? await readSecret(db, { personId: run.createdBy, name: "huggingface" }) : null;
  if (!token) throw new Error("Store a Hugging Face token with write access under Account, then try again.");
  return token;
}

/** Commits files to a repository of the Hub, which is made if it does not exist. */
export async function pushToHub(
  { run, progress, signal }: Pick<Work, "run" | "progress" | "signal">,
  {
    repo,
    accessToken,
    isPrivate,
    files,
  }: { repo: RepoDesignation; accessToken: string; isPrivate: boolean; files: readonly RepositoryFile[] },
): Promise<void> {
  const hub = { accessToken, hubUrl: env().HF_ENDPOINT };
  const name = typeof repo === "string" ? repo : repo.name;
  try {
    await createRepo({ repo, private: isPrivate, ...hub }).catch((error) => {
      // 409: it exists already, which is as good.
      if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
    });
    const upload = uploadFilesWithProgress({
      repo,
      files: await Promise.all(
        files.map(async (file) => ({ path: file.name, content: await openAsBlob(file.path) })),
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
      throw new Error(`The Hub refused ${name} (${error.statusCode}): ${error.message}`);
    throw new TransientError(
      `The Hub could not be reached: ${error instanceof Error ? error.message : error}`,
    );
  }
}
