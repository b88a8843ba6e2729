import { z } from "zod";
import { projectChanged } from "../event/changed";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import {
  addModel,
  archiveModel,
  exportModel,
  getModel,
  lineageOf,
  listModels,
  makeModel,
  pushModel,
  setConsent,
  touchedBy,
} from "./model";
import {
  addModelSchema,
  lineageSchema,
  modelExportInputSchema,
  modelPushInputSchema,
  modelSchema,
  newModelSchema,
  touchedSchema,
} from "./schema";

const byId = z.object({ modelId: z.uuid() });

export const modelRouter = router({
  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/models",
        summary: "Models of a project, newest first",
      },
    })
    .output(z.array(modelSchema))
    .query(({ ctx, input }) => listModels(ctx.db, input)),

  get: reviewer
    .meta({ rest: { method: "GET", path: "/projects/{projectId}/models/{modelId}", summary: "One model" } })
    .input(byId)
    .output(modelSchema)
    .query(({ ctx, input }) => getModel(ctx.db, input)),

  lineage: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/models/{modelId}/lineage",
        summary: "What a model came from, back to the raters, and what came from it",
      },
    })
    .input(byId)
    .output(lineageSchema)
    .query(({ ctx, input }) => lineageOf(ctx.db, input)),

  add: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/models",
        summary: "Add a base model by folder or Hub repository",
      },
    })
    .input(addModelSchema)
    .output(modelSchema)
    .mutation(({ ctx, input }) => addModel(ctx.db, ctx.actor, input)),

  make: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/new-models",
        summary: "Make a small model from nothing; answers with the run that does it",
      },
    })
    .input(newModelSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => makeModel(ctx.db, ctx.actor, input)),

  archive: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/models/{modelId}/archive",
        summary: "Take a model out of the lists",
      },
    })
    .input(byId)
    .output(modelSchema)
    .mutation(({ ctx, input }) => archiveModel(ctx.db, ctx.actor, input)),

  export: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/models/{modelId}/exports",
        summary:
          "Write a model's files as PEFT adapter, full directory or ONNX; answers with the run, whose files can then be downloaded",
      },
    })
    .input(modelExportInputSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, ...spec } }) =>
      exportModel(ctx.db, ctx.actor, { projectId, spec }),
    ),

  push: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/models/{modelId}/pushes",
        summary: "Push a model with its card to a Hugging Face Hub repository with your stored token",
      },
    })
    .input(modelPushInputSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, ...spec } }) => pushModel(ctx.db, ctx.actor, { projectId, spec })),

  touchedBy: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/raters/{raterId}/work",
        summary: "Versions and models that contain a rater's work",
      },
    })
    .input(z.object({ raterId: z.uuid() }))
    .output(touchedSchema)
    .query(({ ctx, input }) => touchedBy(ctx.db, input)),

  setConsent: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/raters/{raterId}/consent",
        summary: "Withdraw or give again a rater's consent",
      },
    })
    .input(z.object({ raterId: z.uuid(), withdrawn: z.boolean() }))
    .output(touchedSchema)
    .mutation(async ({ ctx, input }) => {
      const touched = await setConsent(ctx.db, ctx.actor, input);
      projectChanged(ctx.db, ctx.projectId);
      return touched;
    }),
});
