import { asc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact, runArtifact } from "../../db/schema";
import { noteArtifact } from "../artifact/keep";
import type { Stored } from "../artifact/store";

/** Names a stored artifact as a file of the run. The bytes must be in the store already. */
export async function attachArtifact(
  db: Db,
  { runId, name, stored }: { runId: string; name: string; stored: Stored & { mediaType: string } },
): Promise<void> {
  await noteArtifact(db, stored);
  await db
    .insert(runArtifact)
    .values({ runId, name, sha256: stored.sha256 })
    .onConflictDoUpdate({ target: [runArtifact.runId, runArtifact.name], set: { sha256: stored.sha256 } });
}

export async function runFiles(db: Db, runId: string) {
  return db
    .select({
      name: runArtifact.name,
      sha256: artifact.sha256,
      size: artifact.size,
      mediaType: artifact.mediaType,
    })
    .from(runArtifact)
    .innerJoin(artifact, eq(artifact.sha256, runArtifact.sha256))
    .where(eq(runArtifact.runId, runId))
    .orderBy(asc(runArtifact.name));
}
