import { z } from "zod";
import { datasetManifestSchema, datasetRowSchema, recipeSchema, whoseSchema } from "../../db/shape/dataset";
import { datasetKinds, splits } from "../../db/shape/dataset-kinds";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import {
  createDataset,
  diffToPrevious,
  getDataset,
  getVersion,
  listDatasets,
  listRows,
  listVersions,
  versionsWith,
} from "./dataset";
import { countRows } from "./freeze";
import { layoutOffers } from "./plan";
import { queueExport, queueFreeze, queuePush } from "./queue";
import {
  comparedQuestionSchema,
  datasetSchema,
  datasetVersionSchema,
  exportInputSchema,
  layoutOfferSchema,
  pushInputSchema,
  versionDiffSchema,
} from "./schema";
import { comparedQuestions } from "./source";

const byDataset = z.object({ datasetId: z.uuid() });
const byVersion = z.object({ versionId: z.uuid() });
const idempotent = z.object({ idempotencyKey: z.string().max(200).optional() });

export const datasetRouter = router({
  list: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/datasets", summary: "Datasets of a project" },
    })
    .output(z.array(datasetSchema.extend({ newest: datasetVersionSchema.nullable() })))
    .query(({ ctx, input }) => listDatasets(ctx.db, input)),

  create: manager
    .meta({ rest: { method: "POST", path: "/projects/{projectId}/datasets", summary: "Make a dataset" } })
    .input(z.object({ name: z.string().trim().min(1).max(120), kind: z.enum(datasetKinds) }))
    .output(datasetSchema)
    .mutation(({ ctx, input }) => createDataset(ctx.db, ctx.actor, input)),

  get: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/datasets/{datasetId}", summary: "One dataset" },
    })
    .input(byDataset)
    .output(datasetSchema)
    .query(({ ctx, input }) => getDataset(ctx.db, input)),

  versions: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/datasets/{datasetId}/versions",
        summary: "Versions of a dataset, newest first",
      },
    })
    .input(byDataset)
    .output(z.array(datasetVersionSchema))
    .query(({ ctx, input }) => listVersions(ctx.db, input)),

  questions: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/compared-questions",
        summary: "Questions under which responses were compared: a recipe names one where there are several",
      },
    })
    .input(whoseSchema)
    .output(z.array(comparedQuestionSchema))
    .query(({ ctx, input }) => comparedQuestions(ctx.db, input)),

  freeze: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/datasets/{datasetId}/versions",
        summary: "Freeze a version; answers with the run that does it",
      },
    })
    .input(
      z.strictObject({
        projectId: z.uuid(),
        ...byDataset.shape,
        recipe: recipeSchema,
        ...idempotent.shape,
        despite: z
          .string()
          .trim()
          .min(10)
          .max(1000)
          .optional()
          .describe("Why judges count that may not label by the project's policy; the version keeps it."),
      }),
    )
    .output(runSchema)
    .mutation(({ ctx, input }) => queueFreeze(ctx.db, ctx.actor, input)),

  count: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/datasets/{datasetId}/count",
        summary: "Rows that freezing would make now, by split; null where the project is too large to count",
      },
    })
    .input(z.strictObject({ projectId: z.uuid(), ...byDataset.shape, recipe: recipeSchema }))
    .output(z.object({ rows: datasetManifestSchema.shape.rows.nullable() }))
    .query(async ({ ctx, input }) => ({ rows: await countRows(ctx.db, input) })),

  version: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/versions/{versionId}", summary: "One version" },
    })
    .input(byVersion)
    .output(datasetVersionSchema)
    .query(({ ctx, input }) => getVersion(ctx.db, input)),

  diff: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/versions/{versionId}/diff",
        summary: "What changed from the version before",
      },
    })
    .input(byVersion)
    .output(versionDiffSchema.nullable())
    .query(({ ctx, input }) => diffToPrevious(ctx.db, input)),

  rows: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/versions/{versionId}/rows",
        summary: "Rows in frozen order",
      },
    })
    .input(
      byVersion.extend({
        split: z.enum(splits).optional(),
        afterIndex: z.number().int().min(-1).default(-1),
        limit: z.number().int().min(1).max(500).default(50),
      }),
    )
    .output(
      z.array(
        z.object({
          index: z.number().int(),
          split: z.enum(splits),
          row: datasetRowSchema,
          promptId: z.uuid(),
          annotationIds: z.array(z.uuid()),
        }),
      ),
    )
    .query(({ ctx, input }) => listRows(ctx.db, input)),

  withAnnotation: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/annotations/{annotationId}/versions",
        summary: "Versions that contain an annotation",
      },
    })
    .input(z.object({ annotationId: z.uuid() }))
    .output(z.array(z.object({ id: z.uuid(), datasetId: z.uuid(), version: z.number().int() })))
    .query(({ ctx, input }) => versionsWith(ctx.db, input)),

  layouts: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/versions/{versionId}/layouts",
        summary: "Layouts a version can be exported in, and the rows that each would leave out",
      },
    })
    .input(byVersion)
    .output(z.array(layoutOfferSchema))
    .query(({ ctx, input }) => layoutOffers(ctx.db, input)),

  export: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/exports",
        summary: "Write a version's files; answers with the run, whose files can then be downloaded",
      },
    })
    .input(exportInputSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, idempotencyKey, ...spec } }) =>
      queueExport(ctx.db, ctx.actor, { projectId, idempotencyKey, spec }),
    ),

  push: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/pushes",
        summary: "Push a version to a Hugging Face Hub repository with your stored token",
      },
    })
    .input(pushInputSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, idempotencyKey, ...spec } }) =>
      queuePush(ctx.db, ctx.actor, { projectId, idempotencyKey, spec }),
    ),
});
