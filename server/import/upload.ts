import type { Db } from "../../db/client";
import { artifactBehind } from "../artifact/access";
import type { ArtifactStore } from "../artifact/store";
import type { ImportSpec } from "./schema";
import { fileInStore } from "./source/artifact";
import type { SourceFile } from "./source/file";

/** Uploads of a project as sources. @throws NOT_FOUND for what was not uploaded to this project */
export async function uploadedFiles(
  db: Db,
  store: ArtifactStore,
  { projectId, files }: { projectId: string; files: ImportSpec["files"] },
): Promise<SourceFile[]> {
  return Promise.all(
    files.map(async ({ name, sha256 }) => {
      const { size } = await artifactBehind(db, { as: "upload", projectId, sha256 });
      return fileInStore(store, { name, sha256, size });
    }),
  );
}
