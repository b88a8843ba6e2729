import type { Readable } from "node:stream";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact, clusterUpload, upload } from "../../db/schema";
import { limits } from "../limits";
import { type ArtifactStore, type PutOptions, type Stored, TooLarge } from "./store";

interface Incoming {
  bytes: Readable;
  mediaType: string;
}

/** Notes that bytes lie in the store. Brought again they are young again. */
export async function noteArtifact(db: Db, stored: Stored & { mediaType: string }): Promise<void> {
  await db
    .insert(artifact)
    .values(stored)
    .onConflictDoUpdate({ target: artifact.sha256, set: { createdAt: sql`now()`, releasedAt: null } });
}

/**
 * Says that bytes which the store has are wanted again, so that nobody collects them before they are referred to.
 * @returns undefined when they are not there, or are being taken away: then they have to be brought
 */
export async function wantAgain(db: Db, sha256: string): Promise<Stored | undefined> {
  const [found] = await db
    .update(artifact)
    .set({ createdAt: sql`now()` })
    .where(and(eq(artifact.sha256, sha256), isNull(artifact.releasedAt)))
    .returning({ sha256: artifact.sha256, size: artifact.size });
  return found;
}

/** Takes in bytes of the platform's own. Whoever calls this refers to them next. */
export async function keepBytes(
  db: Db,
  store: ArtifactStore,
  { bytes, mediaType }: Incoming,
  options?: PutOptions,
): Promise<Stored> {
  const stored = await store.put(bytes, options);
  await noteArtifact(db, { ...stored, mediaType });
  return stored;
}

/**
 * Takes in a file to import, as it streams. Its sha256 names it afterwards, in this project.
 * @throws TooLarge at the byte that goes over the project's share or the limit of a file
 */
export async function keepUpload(
  db: Db,
  store: ArtifactStore,
  { projectId, personId, ...incoming }: Incoming & { projectId: string; personId: string | null },
): Promise<Stored> {
  const left = limits.projectUploadBytes - (await uploadedBytes(db, projectId));
  const stored = await keepBytes(db, store, incoming, { atMost: Math.min(left, limits.uploadBytes) });
  await db
    .insert(upload)
    .values({ projectId, personId, sha256: stored.sha256 })
    .onConflictDoUpdate({
      target: [upload.projectId, upload.sha256],
      set: { personId, createdAt: sql`now()` },
    });
  // Two at once may each have found room for themselves.
  if ((await uploadedBytes(db, projectId)) > limits.projectUploadBytes) {
    await db
      .delete(upload)
      .where(sql`${upload.projectId} = ${projectId} and ${upload.sha256} = ${stored.sha256}`);
    throw new TooLarge(limits.projectUploadBytes);
  }
  return stored;
}

/** Takes in what the job of a run brings; it must be what its address says. */
export async function keepForJob(
  db: Db,
  store: ArtifactStore,
  { runId, sha256, ...incoming }: Incoming & { runId: string; sha256: string },
): Promise<Stored> {
  const stored = await keepBytes(db, store, incoming, { sha256, atMost: limits.jobFileBytes });
  await db.insert(clusterUpload).values({ runId, sha256 }).onConflictDoNothing();
  return stored;
}

async function uploadedBytes(db: Db, projectId: string): Promise<number> {
  const [{ bytes }] = await db
    .select({ bytes: sql<number>`coalesce(sum(${artifact.size}), 0)::float8` })
    .from(upload)
    .innerJoin(artifact, eq(artifact.sha256, upload.sha256))
    .where(eq(upload.projectId, projectId));
  return bytes;
}
