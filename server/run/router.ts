import { tracked } from "@trpc/server";
import { z } from "zod";
import { workerCapabilitiesSchema } from "../../db/shape/run";
import { follow } from "../event/bus";
import { manager, reviewer, router } from "../trpc";
import { runFiles } from "./file";
import { runLogAfter } from "./log";
import { byRun, ofRun } from "./procedure";
import { cancelRun, retryRun } from "./queue";
import { describeRun, getRun, listRuns } from "./run";
import { runEventSchema, runKindSchema, runRowSchema, runSchema, runWordsSchema } from "./schema";
import { metricNames, runTable } from "./table";
import { waitsFor } from "./waiting";
import { liveWorkers } from "./worker";

export const runRouter = router({
  list: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/runs", summary: "Runs of a project, newest first" },
    })
    .input(
      z.object({
        kinds: z.array(runKindSchema).optional(),
        cursor: z.uuid().optional(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ items: z.array(runSchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listRuns(ctx.db, input)),

  table: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/run-table",
        summary: "Runs side by side: their options, and the last value of some metrics",
      },
    })
    .input(
      z.object({
        runIds: z.array(z.uuid()).max(200).optional(),
        metrics: z.array(z.string().max(200)).max(40).default([]),
      }),
    )
    .output(z.object({ rows: z.array(runRowSchema), total: z.number().int() }))
    .query(({ ctx, input }) => runTable(ctx.db, input)),

  metricNames: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/metric-names",
        summary: "Metrics that the runs of a project have",
      },
    })
    .output(z.array(z.string()))
    .query(({ ctx, input }) => metricNames(ctx.db, input)),

  get: reviewer
    .meta({ rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}", summary: "One run" } })
    .input(byRun)
    .output(runSchema)
    .query(({ ctx, input }) => getRun(ctx.db, input)),

  log: ofRun
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}/log", summary: "Log lines of a run" },
    })
    .input(
      z.object({
        afterId: z.number().int().default(0),
        limit: z.number().int().min(1).max(1000).default(500),
      }),
    )
    .output(
      z.array(
        z.object({
          id: z.number(),
          at: z.date(),
          level: z.enum(["info", "warning", "error"]),
          message: z.string(),
        }),
      ),
    )
    .query(({ ctx, input }) => runLogAfter(ctx.db, input)),

  files: ofRun
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}/files", summary: "Files of a run" },
    })
    .output(
      z.array(z.object({ name: z.string(), sha256: z.string(), size: z.number(), mediaType: z.string() })),
    )
    .query(({ ctx, input }) => runFiles(ctx.db, input.runId)),

  waiting: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/waiting",
        summary: "Why a queued run is not taken yet, and what to do about it",
      },
    })
    .input(byRun)
    .output(z.object({ reason: z.string().nullable() }))
    .query(async ({ ctx, input }) => ({ reason: await waitsFor(ctx.db, input) })),

  cancel: manager
    .meta({
      rest: { method: "POST", path: "/projects/{projectId}/runs/{runId}/cancel", summary: "Cancel a run" },
    })
    .input(byRun)
    .output(runSchema)
    .mutation(({ ctx, input }) => cancelRun(ctx.db, ctx.actor, { ...input, keepWork: false })),

  stop: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/runs/{runId}/stop",
        summary: "Stop a run and keep its work",
      },
    })
    .input(byRun)
    .output(runSchema)
    .mutation(({ ctx, input }) => cancelRun(ctx.db, ctx.actor, { ...input, keepWork: true })),

  retry: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/runs/{runId}/retry",
        summary: "Try a failed run again",
      },
    })
    .input(byRun)
    .output(runSchema)
    .mutation(({ ctx, input }) => retryRun(ctx.db, ctx.actor, input)),

  describe: manager
    .meta({
      rest: {
        method: "PATCH",
        path: "/projects/{projectId}/runs/{runId}",
        summary: "Write a note or tags to a run",
      },
    })
    .input(byRun.extend(runWordsSchema.shape))
    .output(runSchema)
    .mutation(({ ctx, input }) => describeRun(ctx.db, ctx.actor, input)),

  workers: reviewer
    .output(
      z.array(
        z.object({
          id: z.uuid(),
          name: z.string(),
          capabilities: workerCapabilitiesSchema,
          heartbeatAt: z.date(),
        }),
      ),
    )
    .query(({ ctx }) => liveWorkers(ctx.db)),

  /** Live: what happens to one run. */
  watch: ofRun
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/events",
        summary: "What happens to a run, as it happens",
        events: runEventSchema,
      },
    })
    .input(z.object({ lastEventId: z.coerce.number().int().nullish() }))
    .subscription(async function* ({ ctx, input, signal }) {
      const events = follow(ctx.db, ctx.sql, {
        topic: `run:${input.runId}`,
        afterId: input.lastEventId ?? undefined,
        mayStill: ctx.mayStill,
        signal: signal ?? new AbortController().signal,
      });
      for await (const { id, kind, payload } of events) yield tracked(String(id), { kind, payload });
    }),

  /** Live: that something changed among a project's runs. */
  watchAll: reviewer.subscription(async function* ({ ctx, signal }) {
    const events = follow(ctx.db, ctx.sql, {
      topic: `runs:${ctx.projectId}`,
      mayStill: ctx.mayStill,
      signal: signal ?? new AbortController().signal,
    });
    for await (const { id, payload } of events) yield tracked(String(id), payload);
  }),
});
