import { z } from "zod";
import { runSchema } from "../run/schema";
import { manager, router } from "../trpc";
import { previewUploads, queueImport } from "./queue";
import { filePreviewSchema, importSpecSchema } from "./schema";
import { shapes } from "./shapes/registry";

/** The inputs are strict, so that a misspelt option is an error: they name the project, too. */
const inProject = { projectId: z.uuid() };

export const importRouter = router({
  shapes: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/imports/shapes",
        summary: "The shapes of files that an import recognises",
      },
    })
    .output(
      z.array(z.object({ id: z.string(), title: z.string(), looksLike: z.string(), companion: z.boolean() })),
    )
    .query(() => shapes.map(({ id, title, looksLike, companion }) => ({ id, title, looksLike, companion }))),

  preview: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/imports/preview",
        summary: "The first rows of uploaded files, and what the files are taken for",
      },
    })
    .input(importSpecSchema.pick({ files: true, options: true }).extend(inProject))
    .output(z.array(filePreviewSchema))
    .query(({ ctx, input }) => previewUploads(ctx.db, input)),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/imports",
        summary: "Import uploaded files, or find out what would happen; answers with the run that does it",
      },
    })
    .input(importSpecSchema.extend({ ...inProject, idempotencyKey: z.string().max(200).optional() }))
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, idempotencyKey, ...spec } }) =>
      queueImport(ctx.db, ctx.actor, { projectId, idempotencyKey, spec }),
    ),
});
