import { createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { snapshotDownload } from "@huggingface/hub";
import type { Db } from "../../db/client";
import { env } from "../../server/env";
import { isBeyondRole } from "../../server/errors";
import { openModelFolder } from "../../server/model/folder";
import type { Model } from "../../server/model/schema";
import { runFiles } from "../../server/run/file";
import { readSecret } from "../../server/secret/secret";
import { fullModelOf } from "../../server/training/training";
import type { Work } from "../run/handler";

/** The files of a run that make up its model lie below this. */
export const MODEL_PREFIX = "model/";

/** Where files are read, and for whom and what: an id of its own keeps two fetches apart. */
type Need = Pick<Work, "db" | "store"> & { run: Pick<Work["run"], "id" | "createdBy"> };

/** The folders that an engine opens: a full model, and the adapter on it if the model is one. */
export interface ModelFolders {
  model: string;
  adapter: string | null;
}

export async function openFolders(need: Need, wanted: Model): Promise<ModelFolders> {
  const full = await fullModelOf(need.db, wanted);
  return {
    model: await folderOf(need, full),
    adapter: wanted.format === "adapter" ? await folderOf(need, wanted) : null,
  };
}

/** A person's token for the Hub. A machine elsewhere may read nobody's, and fetches what is open to all. */
async function hubToken(db: Db, personId: string): Promise<string | null> {
  try {
    return await readSecret(db, { personId, name: "huggingface" });
  } catch (error) {
    if (isBeyondRole(error)) return null;
    throw error;
  }
}

/** A model's files on this machine, fetched once. */
async function folderOf({ db, store, run }: Need, { id, name, source, runId }: Model): Promise<string> {
  switch (source.kind) {
    case "folder":
      return openModelFolder(source.path, env());
    case "hub": {
      const token = run.createdBy ? await hubToken(db, run.createdBy) : null;
      return snapshotDownload({
        repo: { type: "model", name: source.repository },
        revision: source.revision,
        cacheDir: join(env().CONCORD_DATA, "hub"),
        hubUrl: env().HF_ENDPOINT,
        ...(token ? { accessToken: token } : {}),
      }).catch((cause: unknown) => {
        throw new Error(
          `${source.repository} could not be fetched from the Hub: ${cause instanceof Error ? cause.message : cause}`,
          { cause },
        );
      });
    }
    case "run": {
      const folder = join(env().CONCORD_DATA, "models", id);
      if (existsSync(folder)) return folder;
      const files = (runId ? await runFiles(db, runId) : []).filter((file) =>
        file.name.startsWith(MODEL_PREFIX),
      );
      if (files.length === 0) throw new Error(`The files of ${name} are gone.`);
      // Fetched aside and renamed: an interrupted fetch leaves nothing that looks like a model.
      const partial = `${folder}.${run.id}`;
      await rm(partial, { recursive: true, force: true });
      for (const file of files) {
        const path = join(partial, file.name.slice(MODEL_PREFIX.length));
        await mkdir(dirname(path), { recursive: true });
        await pipeline(await store.open(file.sha256), createWriteStream(path));
      }
      await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => {
        await rm(partial, { recursive: true, force: true });
        // Another run of this machine was faster.
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      });
      return folder;
    }
  }
}
