import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ClusterFile, jobFiles } from "../../server/cluster/jobs";
import type { Work } from "../run/handler";

/** Brings some of a job's files to the run's folder on this machine. */
export async function fetchFiles(
  { db, run, store, folder }: Work,
  wanted: (file: ClusterFile) => boolean,
): Promise<void> {
  for (const file of (await jobFiles(db, run.id)).filter(wanted)) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await store.open(file.sha256), createWriteStream(path));
  }
}
