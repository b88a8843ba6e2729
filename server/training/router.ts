import { z } from "zod";
import { trainingMethods } from "../../db/shape/training";
import { ofRun } from "../run/procedure";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { clockOf, curvesOf } from "./curves";
import { samplesOf } from "./samples";
import { curvesSchema, gridSchema, trainSpecSchema } from "./schema";
import { launchSweep, launchTraining, queuePreview, runsOfSweep, trainingOptions } from "./training";

export const launchSchema = trainSpecSchema.extend({
  method: z.enum(trainingMethods),
  idempotencyKey: z.string().max(200).optional(),
});

export const trainingRouter = router({
  options: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/training-options",
        summary: "Options of each training method, as JSON Schema, as the connected workers have them",
      },
    })
    .output(z.record(z.string(), z.unknown()))
    .query(({ ctx }) => trainingOptions(ctx.db)),

  launch: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/training-runs",
        summary: "Start a training run on a dataset version",
      },
    })
    .input(launchSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => launchTraining(ctx.db, ctx.actor, input)),

  sweep: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/sweeps",
        summary: "Start a grid of training runs",
      },
    })
    .input(
      launchSchema.extend({
        grid: gridSchema,
      }),
    )
    .output(z.array(runSchema))
    .mutation(({ ctx, input }) => launchSweep(ctx.db, ctx.actor, input)),

  preview: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/training-previews",
        summary: "Look at the first batch and the cost of a run; answers with the run that looks",
      },
    })
    .input(launchSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => queuePreview(ctx.db, ctx.actor, input)),

  curves: ofRun
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/metrics",
        summary: "Curves of a run, thinned to at most maxPoints each",
      },
    })
    .input(z.object({ maxPoints: z.coerce.number().int().min(10).max(50_000).default(2000) }))
    .output(curvesSchema)
    .query(({ ctx, input }) => curvesOf(ctx.db, input)),

  clock: ofRun
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/clock",
        summary: "When a run's steps were measured: step and seconds since its first point",
      },
    })
    .output(z.array(z.tuple([z.number().int(), z.number()])))
    .query(({ ctx, input }) => clockOf(ctx.db, input)),

  /** What a page that has the curves up to some step does not have yet. */
  newPoints: ofRun
    .input(
      z.object({
        after: z.record(z.string().max(200), z.number().int()).describe("The last known step, by name."),
        maxPoints: z.number().int().min(10).max(50_000).default(2000),
      }),
    )
    .output(curvesSchema)
    .query(({ ctx, input }) => curvesOf(ctx.db, input)),

  samples: ofRun
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/samples",
        summary: "What a model in training replied to fixed prompts, over time",
      },
    })
    .output(
      z.array(
        z.object({
          step: z.number().int(),
          position: z.number().int(),
          prompt: z.string(),
          completion: z.string(),
        }),
      ),
    )
    .query(({ ctx, input }) => samplesOf(ctx.db, input.runId)),

  group: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/sweeps/{groupId}", summary: "The runs of a sweep" },
    })
    .input(z.object({ groupId: z.uuid() }))
    .output(z.array(runSchema))
    .query(({ ctx, input }) => runsOfSweep(ctx.db, input)),
});
