import { z } from "zod";
import { askedBenchmarkSchema } from "../../db/shape/benchmark";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { deleteBenchmark, getBenchmark, listBenchmarks, startBenchmark } from "./benchmark";
import { itemsOf } from "./items";
import { lookAtBenchmark } from "./look";
import {
  benchmarkDetailSchema,
  benchmarkItemSchema,
  benchmarkSchema,
  benchmarkSpecSchema,
  itemKinds,
  lookSchema,
  suiteSchema,
} from "./schema";
import { listSuites } from "./suites";

const byId = z.object({ benchmarkId: z.uuid() });

export const benchmarkRouter = router({
  suites: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/benchmark-suites",
        summary: "The benchmarks that are known, and where their files are had",
      },
    })
    .output(z.array(suiteSchema))
    .query(listSuites),

  look: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/benchmarks/look",
        summary: "What uploaded files hold, the first question as it is asked, and what all of them come to",
      },
    })
    .input(askedBenchmarkSchema.extend({ modelId: z.uuid(), suite: z.string().max(100).nullable() }))
    .output(lookSchema)
    // It changes nothing; its files' names are more than an address holds.
    .mutation(({ ctx, input }) => lookAtBenchmark(ctx.db, input)),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/benchmarks",
        summary: "Put a benchmark to a model; answers with the run that does it",
      },
    })
    .input(benchmarkSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startBenchmark(ctx.db, ctx.actor, input)),

  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/benchmarks",
        summary: "Benchmarks of the project's models, newest first; those of one key may be compared",
      },
    })
    .input(z.object({ modelId: z.uuid().optional() }))
    .output(z.array(benchmarkSchema))
    .query(({ ctx, input }) => listBenchmarks(ctx.db, input)),

  get: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/benchmarks/{benchmarkId}",
        summary: "A benchmark with its figures by kinds of items",
      },
    })
    .input(byId)
    .output(benchmarkDetailSchema)
    .query(({ ctx, input }) => getBenchmark(ctx.db, input)),

  items: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/benchmarks/{benchmarkId}/items",
        summary: "Items of a benchmark: what was asked, what came back, how it scored",
      },
    })
    .input(
      byId.extend({
        show: z.enum(itemKinds).default("all"),
        field: z.string().max(200).optional().describe("With `kind`: those whose document has it so."),
        kind: z.string().max(1000).optional(),
        after: z.coerce.number().int().min(-1).default(-1),
        limit: z.coerce.number().int().min(1).max(200).default(20),
      }),
    )
    .output(z.object({ items: z.array(benchmarkItemSchema), total: z.int(), next: z.int().nullable() }))
    .query(({ ctx, input }) => itemsOf(ctx.db, input)),

  delete: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/benchmarks/{benchmarkId}",
        summary: "Take a benchmark of a model away, with its items",
      },
    })
    .input(byId)
    .mutation(({ ctx, input }) => deleteBenchmark(ctx.db, ctx.actor, input)),
});
