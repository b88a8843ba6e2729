import { z } from "zod";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { decide, listCandidates, releaseUnreviewed, runsBehindVersion, traceCandidate } from "./review";
import { estimateDataRun, getDataRun, listDataRuns, listMethods, startDataRun } from "./run";
import {
  behindVersionSchema,
  candidateSchema,
  candidatesInputSchema,
  candidatesPageSchema,
  candidateTraceSchema,
  chosenCandidateSchema,
  chosenDataRunSchema,
  chosenDataVersionSchema,
  dataEstimateSchema,
  dataRunRowSchema,
  dataRunSchema,
  dataRunSpecSchema,
  decisionSchema,
  methodSchema,
  releasedSchema,
} from "./schema";

export const constructionRouter = router({
  methods: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/data-methods",
        summary: "Ways to make training data, with what each needs and its options",
      },
    })
    .output(z.array(methodSchema))
    .query(() => listMethods()),

  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/data-runs",
        summary: "Data runs, newest first, with what people passed of each",
      },
    })
    .output(z.array(dataRunRowSchema))
    .query(({ ctx }) => listDataRuns(ctx.db, ctx)),

  get: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/data-runs/{runId}",
        summary: "A data run: recipe, what each filter removed, cost, audit",
      },
    })
    .input(chosenDataRunSchema)
    .output(dataRunSchema)
    .query(({ ctx, input }) => getDataRun(ctx.db, input)),

  estimate: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/data-runs/estimates",
        summary: "What a recipe would take when filters drop nothing: calls, tokens, US dollars",
        rows: true,
      },
    })
    .input(dataRunSpecSchema)
    .output(dataEstimateSchema)
    .query(({ ctx, input }) => estimateDataRun(ctx.db, input)),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/data-runs",
        summary: "Let a method make candidates by a recipe; answers with the run",
        rows: true,
      },
    })
    .input(dataRunSpecSchema.extend({ title: z.string().trim().min(1).max(100).optional() }))
    .output(runSchema)
    .mutation(({ ctx, input }) => startDataRun(ctx.db, ctx.actor, input)),

  candidates: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/data-runs/{runId}/candidates",
        summary: "What a data run made, kept and dropped, with the verdicts of its filters",
      },
    })
    .input(candidatesInputSchema)
    .output(candidatesPageSchema)
    .query(({ ctx, input }) => listCandidates(ctx.db, input)),

  trace: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/data-runs/{runId}/candidates/{candidateId}",
        summary: "A candidate down to the raw words of the models behind it",
      },
    })
    .input(chosenCandidateSchema)
    .output(candidateTraceSchema)
    .query(({ ctx, input }) => traceCandidate(ctx.db, input)),

  decide: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/data-runs/{runId}/candidates/{candidateId}/decision",
        summary: "Accept, edit or reject a candidate; an accepted one becomes part of the project",
      },
    })
    .input(decisionSchema)
    .output(candidateSchema)
    .mutation(({ ctx, input }) => decide(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),

  release: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/data-runs/{runId}/release",
        summary: "Take over rows that nobody looked at, once the audited ones are judged",
      },
    })
    .input(chosenDataRunSchema)
    .output(releasedSchema)
    .mutation(({ ctx, input }) => releaseUnreviewed(ctx.db, ctx.actor, input)),

  behind: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/versions/{versionId}/data-runs",
        summary: "Data runs whose rows are in a version, with what people passed of each",
      },
    })
    .input(chosenDataVersionSchema)
    .output(z.array(behindVersionSchema))
    .query(({ ctx, input }) => runsBehindVersion(ctx.db, input)),
});
