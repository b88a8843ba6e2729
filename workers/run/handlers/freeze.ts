import { z } from "zod";
import { recipeSchema } from "../../../db/shape/dataset";
import { freezeVersion } from "../../../server/dataset/freeze";
import { handler } from "../handler";
import { rateOf } from "../rate";

const specSchema = z.object({
  datasetId: z.uuid(),
  recipe: recipeSchema,
  /** Why judges count that may not label. */
  despite: z.string().optional(),
  /** In a chain: the id that the version gets. */
  makes: z.uuid().optional(),
});

/** Freezes a dataset version. */
export const freeze = handler(specSchema, async ({ run, db, projectId, spec, progress, signal }) => {
  const { datasetId, recipe, despite, makes } = spec;
  const rate = rateOf("prompts");
  const version = await freezeVersion(db, {
    projectId,
    datasetId,
    recipe,
    despite,
    runId: run.id,
    versionId: makes,
    actor: { personId: run.createdBy },
    onProgress: (done, total) => progress(rate(done, total)),
    signal,
  });
  return { versionId: version.id, version: version.version, rows: version.rows, sha256: version.sha256 };
});
