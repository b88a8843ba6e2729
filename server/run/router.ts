import { tracked } from "@trpc/server";
import { z } from "zod";
import { workerCapabilitiesSchema } from "../../db/shape/run";
import { follow } from "../event/bus";
import { manager, member, reviewer, router } from "../trpc";
import { runFiles } from "./file";
import { runLogAfter } from "./log";
import { cancelRun, retryRun } from "./queue";
import { getRun, listRuns } from "./run";
import { runKindSchema, runSchema } from "./schema";
import { liveWorkers } from "./worker";

const byId = z.object({ runId: z.uuid() });

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

  get: reviewer
    .meta({ rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}", summary: "One run" } })
    .input(byId)
    .output(runSchema)
    .query(({ ctx, input }) => getRun(ctx.db, input)),

  log: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}/log", summary: "Log lines of a run" },
    })
    .input(
      byId.extend({
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
    .query(async ({ ctx, input }) => {
      await getRun(ctx.db, input);
      return runLogAfter(ctx.db, input);
    }),

  files: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/runs/{runId}/files", summary: "Files of a run" },
    })
    .input(byId)
    .output(
      z.array(z.object({ name: z.string(), sha256: z.string(), size: z.number(), mediaType: z.string() })),
    )
    .query(async ({ ctx, input }) => {
      await getRun(ctx.db, input);
      return runFiles(ctx.db, input.runId);
    }),

  cancel: manager
    .meta({
      rest: { method: "POST", path: "/projects/{projectId}/runs/{runId}/cancel", summary: "Cancel a run" },
    })
    .input(byId)
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
    .input(byId)
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
    .input(byId)
    .output(runSchema)
    .mutation(({ ctx, input }) => retryRun(ctx.db, ctx.actor, input)),

  workers: member
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
  watch: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/runs/{runId}/events",
        summary: "What happens to a run, as it happens",
      },
    })
    .input(byId.extend({ lastEventId: z.coerce.number().int().nullish() }))
    .subscription(async ({ ctx, input, signal }) => {
      // Before the stream begins: a wrong id gets an answer, not a stream that breaks.
      await getRun(ctx.db, input);
      const events = follow(ctx.db, ctx.sql, {
        topic: `run:${input.runId}`,
        afterId: input.lastEventId ?? undefined,
        signal: signal ?? new AbortController().signal,
      });
      return (async function* () {
        for await (const { id, kind, payload } of events) yield tracked(String(id), { kind, payload });
      })();
    }),

  /** Live: that something changed among a project's runs. */
  watchAll: reviewer.subscription(async function* ({ ctx, signal }) {
    const events = follow(ctx.db, ctx.sql, {
      topic: `runs:${ctx.projectId}`,
      signal: signal ?? new AbortController().signal,
    });
    for await (const { id, payload } of events) yield tracked(String(id), payload);
  }),
});
