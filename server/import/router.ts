import { z } from "zod";
import { runSchema } from "../run/schema";
import { manager, router } from "../trpc";
import { previewUploads, queueImport } from "./queue";
import { changeMapping, deleteMapping, listMappings, saveMapping } from "./saved";
import { filePreviewSchema, requestedImportSchema, savedMappingSchema, shapeSchema } from "./schema";
import { shapes } from "./shapes/registry";

/** The inputs are strict, so that a misspelt option is an error: they name the project, too. */
const inProject = { projectId: z.uuid() };
const byMapping = { ...inProject, mappingId: z.uuid() };
const { name, mapping } = savedMappingSchema.shape;

export const importRouter = router({
  shapes: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/imports/shapes",
        summary: "The shapes of files that an import recognises",
      },
    })
    .output(z.array(shapeSchema))
    .query(() =>
      shapes.map(({ id, title, looksLike, companion, refers, example }) => ({
        id,
        title,
        looksLike,
        companion,
        refers,
        example,
      })),
    ),

  preview: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/imports/preview",
        summary: "The first rows of uploaded files, and what the files are taken for",
      },
    })
    .input(requestedImportSchema.pick({ files: true, options: true }).extend(inProject))
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
    .input(requestedImportSchema.extend({ ...inProject, idempotencyKey: z.string().max(200).optional() }))
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, idempotencyKey, ...spec } }) =>
      queueImport(ctx.db, ctx.actor, { projectId, idempotencyKey, spec }),
    ),

  mappings: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/imports/mappings",
        summary:
          "The mappings that were saved for files of no known shape; an import names one in its options",
      },
    })
    .output(z.array(savedMappingSchema))
    .query(({ ctx, input }) => listMappings(ctx.db, input)),

  saveMapping: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/imports/mappings",
        summary: "Save a mapping under a name",
      },
    })
    .input(z.strictObject({ ...inProject, name, mapping }))
    .output(savedMappingSchema)
    .mutation(({ ctx, input }) => saveMapping(ctx.db, ctx.actor, input)),

  changeMapping: manager
    .meta({
      rest: {
        method: "PATCH",
        path: "/projects/{projectId}/imports/mappings/{mappingId}",
        summary: "Rename a saved mapping, or change what it says",
      },
    })
    .input(z.strictObject({ ...byMapping, name: name.optional(), mapping: mapping.optional() }))
    .output(savedMappingSchema)
    .mutation(({ ctx, input }) => changeMapping(ctx.db, ctx.actor, input)),

  deleteMapping: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/imports/mappings/{mappingId}",
        summary: "Delete a saved mapping; what was imported with it stays",
      },
    })
    .input(z.strictObject(byMapping))
    .mutation(({ ctx, input }) => deleteMapping(ctx.db, ctx.actor, input)),
});
