import { z } from "zod";
import { storeFromEnvironment } from "../artifact/store";
import { env } from "../env";
import { queueRun } from "../run/queue";
import { runSchema } from "../run/schema";
import { manager, router } from "../trpc";
import { filePreviewSchema, importSpecSchema } from "./schema";
import { shapes } from "./shapes/registry";
import { previewFile } from "./survey";
import { uploadedFiles } from "./upload";

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
    .input(importSpecSchema.pick({ files: true, options: true }))
    .output(z.array(filePreviewSchema))
    .query(async ({ ctx, input }) => {
      const sources = await uploadedFiles(ctx.db, storeFromEnvironment(env()), input);
      return Promise.all(sources.map((source) => previewFile(source, input.options)));
    }),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/imports",
        summary: "Import uploaded files, or find out what would happen; answers with the run that does it",
      },
    })
    .input(importSpecSchema.extend({ idempotencyKey: z.string().max(200).optional() }))
    .output(runSchema)
    .mutation(async ({ ctx, input: { projectId, idempotencyKey, ...spec } }) => {
      await uploadedFiles(ctx.db, storeFromEnvironment(env()), { projectId, files: spec.files });
      const what = spec.files.length === 1 ? spec.files[0].name : `${spec.files.length} files`;
      return ctx.db.transaction((tx) =>
        queueRun(tx, ctx.actor, {
          projectId,
          kind: "import",
          title: `${spec.dryRun ? "Check" : "Import"} ${what}`,
          spec,
          idempotencyKey,
        }),
      );
    }),
});
