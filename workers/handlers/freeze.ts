import { z } from "zod";
import { freezeVersion } from "../../server/dataset/freeze";
import { recipeSchema } from "../../server/dataset/schema";
import type { Handler } from "../handler";
import { rateOf } from "../rate";

const specSchema = z.object({ datasetId: z.uuid(), recipe: recipeSchema });

/** Freezes a dataset version. */
export const freeze: Handler = async ({ run, db, progress, signal }) => {
  const { datasetId, recipe } = specSchema.parse(run.spec);
  if (!run.projectId) throw new Error("A freeze belongs to a project.");
  const rate = rateOf("prompts");
  const version = await freezeVersion(db, {
    projectId: run.projectId,
    datasetId,
    recipe,
    runId: run.id,
    actor: { personId: run.createdBy },
    onProgress: (done, total) => progress(rate(done, total)),
    signal,
  });
  return { versionId: version.id, version: version.version, rows: version.rows, sha256: version.sha256 };
};
