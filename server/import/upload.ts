import type { Db } from "../../db/client";
import { artifactBehind } from "../artifact/access";
import type { StoredFile } from "./preview/preview";
import type { ImportSpec } from "./schema";

/** Uploads of a project. @throws NOT_FOUND for what was not uploaded to this project */
export async function uploads(
  db: Db,
  { projectId, files }: { projectId: string; files: ImportSpec["files"] },
): Promise<StoredFile[]> {
  return Promise.all(
    files.map(async ({ name, sha256 }) => {
      const { size } = await artifactBehind(db, { as: "upload", projectId, sha256, name });
      return { name, sha256, size };
    }),
  );
}
