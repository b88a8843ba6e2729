import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact, clusterFile, clusterUpload, run, runArtifact, upload } from "../../db/schema";
import { notFound } from "../errors";
import type { Stored } from "./store";

/**
 * By what an artifact is asked for. A hash alone opens nothing: it is a file of a run, an upload of a project, or
 * what a job was given or brought. Whether the viewer may act in the project is decided before, by the procedure.
 */
export type Reference =
  | { as: "upload"; projectId: string; sha256: string; name: string }
  | { as: "file of a run"; projectId: string; runId: string; name: string }
  | { as: "file of a job"; runId: string; sha256: string }
  /** A machine of the instance, which reads the database too. */
  | { as: "any"; sha256: string };

/** @throws NOT_FOUND for all that is not there, and for all that is somebody else's */
export async function artifactBehind(db: Db, reference: Reference): Promise<Stored & { mediaType: string }> {
  const [found] = await db
    .select({ sha256: artifact.sha256, size: artifact.size, mediaType: artifact.mediaType })
    .from(artifact)
    .where(allowed(reference));
  if (!found) throw notFound(reference.as === "upload" ? `The upload of ${reference.name}` : "The file");
  return found;
}

function allowed(reference: Reference) {
  const byHash = (sha256: string) => eq(artifact.sha256, sha256);
  switch (reference.as) {
    case "upload":
      return and(
        byHash(reference.sha256),
        sql`exists (select from ${upload} where ${upload.sha256} = ${artifact.sha256}
          and ${upload.projectId} = ${reference.projectId})`,
      );
    case "file of a run":
      return sql`${artifact.sha256} = (select ${runArtifact.sha256} from ${runArtifact}
        join ${run} on ${run.id} = ${runArtifact.runId}
        where ${run.id} = ${reference.runId} and ${run.projectId} = ${reference.projectId}
          and ${runArtifact.name} = ${reference.name})`;
    case "file of a job":
      return and(
        byHash(reference.sha256),
        or(
          sql`exists (select from ${clusterFile} where ${clusterFile.runId} = ${reference.runId}
            and ${clusterFile.sha256} = ${artifact.sha256})`,
          sql`exists (select from ${clusterUpload} where ${clusterUpload.runId} = ${reference.runId}
            and ${clusterUpload.sha256} = ${artifact.sha256})`,
        ),
      );
    case "any":
      return and(byHash(reference.sha256), isNull(artifact.releasedAt));
  }
}
