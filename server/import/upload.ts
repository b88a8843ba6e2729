import type { Readable } from "node:stream";
import { inArray } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact } from "../../db/schema";
import type { ArtifactStore, Stored } from "../artifact/store";
import { notFound } from "../errors";
import type { ImportSpec } from "./schema";
import { fileInStore } from "./source/artifact";
import type { SourceFile } from "./source/file";

/** Takes in a file to import, as it streams. Its sha256 names it afterwards. */
export async function storeUpload(
  db: Db,
  store: ArtifactStore,
  { bytes, mediaType }: { bytes: Readable; mediaType: string },
): Promise<Stored> {
  const stored = await store.put(bytes);
  await db
    .insert(artifact)
    .values({ ...stored, mediaType })
    .onConflictDoNothing();
  return stored;
}

/** The uploaded files as sources. */
export async function uploadedFiles(
  db: Db,
  store: ArtifactStore,
  files: ImportSpec["files"],
): Promise<SourceFile[]> {
  const rows = await db
    .select({ sha256: artifact.sha256, size: artifact.size })
    .from(artifact)
    .where(
      inArray(
        artifact.sha256,
        files.map(({ sha256 }) => sha256),
      ),
    );
  const sizes = new Map(rows.map(({ sha256, size }) => [sha256, size]));
  return files.map(({ name, sha256 }) => {
    const size = sizes.get(sha256);
    if (size === undefined) throw notFound(`The upload of ${name}`);
    return fileInStore(store, { name, sha256, size });
  });
}
