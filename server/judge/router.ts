import { z } from "zod";
import { whoseSchema } from "../../db/shape/dataset";
import { judgePolicySchema, labellingJudgeSchema } from "../../db/shape/judge";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { createAssembly, planAssembly, reviseAssembly } from "./assemble";
import { judgeCardSchema } from "./card-schema";
import { archiveJudge, createJudge, getJudge, listJudges, reviseJudge } from "./judge";
import { cardOfVersion } from "./kept-card";
import { judgesCounted } from "./labelling";
import { judgePolicy } from "./policy";
import { estimateJudging, listVerdicts, startJudging } from "./run";
import {
  assemblyPlanInputSchema,
  assemblyPlanSchema,
  chosenJudgeSchema,
  chosenVersionSchema,
  createdVersionSchema,
  judgeDraftSchema,
  judgeEstimateInputSchema,
  judgeEstimateSchema,
  judgeListInputSchema,
  judgePolicyInputSchema,
  judgeRunSchema,
  judgeSchema,
  judgeTrySchema,
  newAssemblySchema,
  newJudgeSchema,
  revisedAssemblySchema,
  revisedJudgeSchema,
  successorSchema,
  verdictSchema,
  verdictsInputSchema,
} from "./schema";
import { setPolicy } from "./set-policy";
import { estimateSuccessor, succeed } from "./successor";
import { estimateTry, startTry } from "./try";

export const judgeRouter = router({
  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/judges",
        summary: "Models that judge, with all versions of each",
      },
    })
    .input(judgeListInputSchema)
    .output(z.array(judgeSchema))
    .query(({ ctx, input }) => listJudges(ctx.db, { ...input, projectId: ctx.projectId })),

  get: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/judges/{judgeId}",
        summary: "A judge with its versions, also one out of use",
      },
    })
    .input(chosenJudgeSchema)
    .output(judgeSchema)
    .query(({ ctx, input }) => getJudge(ctx.db, input)),

  create: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judges",
        summary: "Make a judge of an endpoint or a model, with its first version",
      },
    })
    .input(newJudgeSchema)
    .output(createdVersionSchema)
    .mutation(({ ctx, input }) => createJudge(ctx.db, ctx.actor, input)),

  revise: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judges/{judgeId}/versions",
        summary: "Make the next version of a judge; what earlier ones said stays theirs",
      },
    })
    .input(revisedJudgeSchema)
    .output(createdVersionSchema)
    .mutation(({ ctx, input }) => reviseJudge(ctx.db, ctx.actor, input)),

  planAssembly: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-assemblies/plans",
        summary:
          "What people's votes say of judges that are to judge together, and from which sureness on each of a cascade settles",
      },
    })
    .input(assemblyPlanInputSchema)
    .output(assemblyPlanSchema)
    .query(({ ctx, input }) => planAssembly(ctx.db, { ...input, projectId: ctx.projectId })),

  assemble: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-assemblies",
        summary: "Make a judge that is a panel or a cascade of versions of other judges",
      },
    })
    .input(newAssemblySchema)
    .output(createdVersionSchema)
    .mutation(({ ctx, input }) => createAssembly(ctx.db, ctx.actor, { ...input, projectId: ctx.projectId })),

  reassemble: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judges/{judgeId}/assemblies",
        summary: "Make the next version of a judge as a panel or a cascade of others",
      },
    })
    .input(revisedAssemblySchema)
    .output(createdVersionSchema)
    .mutation(({ ctx, input }) => reviseAssembly(ctx.db, ctx.actor, { ...input, projectId: ctx.projectId })),

  archive: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/judges/{judgeId}",
        summary: "Take a judge out of use; what it judged stays",
      },
    })
    .input(chosenJudgeSchema)
    .output(chosenJudgeSchema)
    .mutation(async ({ ctx, input }) => {
      await archiveJudge(ctx.db, ctx.actor, input);
      return { judgeId: input.judgeId };
    }),

  estimate: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judgings/estimates",
        summary: "What a judging run would take: tasks, replies, tokens, US dollars",
      },
    })
    .input(judgeEstimateInputSchema)
    .output(judgeEstimateSchema)
    .query(({ ctx, input }) => estimateJudging(ctx.db, input)),

  run: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judgings",
        summary: "Let a version of a judge judge tasks; answers with the run",
      },
    })
    .input(judgeRunSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startJudging(ctx.db, ctx.actor, input)),

  estimateTry: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-tries/estimates",
        summary: "What trying settings on ten items that people judged would take",
      },
    })
    .input(judgeDraftSchema)
    .output(judgeEstimateSchema)
    .query(({ ctx, input }) => estimateTry(ctx.db, { ...input, projectId: ctx.projectId })),

  try: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-tries",
        summary:
          "Try settings of a judge on ten items that people judged; answers with the run, whose result is all that is kept",
      },
    })
    .input(judgeTrySchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startTry(ctx.db, ctx.actor, { ...input, projectId: ctx.projectId })),

  estimateSuccessor: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-successors/estimates",
        summary: "What asking another model the items of a version would take",
      },
    })
    .input(successorSchema)
    .output(judgeEstimateSchema)
    .query(({ ctx, input }) => estimateSuccessor(ctx.db, { ...input, projectId: ctx.projectId })),

  succeed: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/judge-successors",
        summary:
          "Make the next version of a judge with another model, and ask it the same items that people judged; answers with the run",
      },
    })
    .input(successorSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => succeed(ctx.db, ctx.actor, { ...input, projectId: ctx.projectId })),

  card: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/judge-versions/{judgeVersionId}/card",
        summary: "What a version of a judge is worth, beside people on the same tasks",
      },
    })
    .input(chosenVersionSchema)
    .output(judgeCardSchema)
    .query(({ ctx, input }) => cardOfVersion(ctx.db, input)),

  policy: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/judge-policy",
        summary: "What the project asks of a judge before it may label or order the queue",
      },
    })
    .output(judgePolicySchema)
    .query(({ ctx }) => judgePolicy(ctx.db, ctx.projectId)),

  setPolicy: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/judge-policy",
        summary:
          "Set what judges must show, and which one orders the queue; frozen versions stay what they are",
      },
    })
    .input(judgePolicyInputSchema)
    .output(judgePolicySchema)
    .mutation(async ({ ctx, input }) => {
      await setPolicy(ctx.db, ctx.actor, input);
      return input.policy;
    }),

  counted: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/labelling-judges",
        summary: "Judges whose judgements a recipe would count, and what each may",
      },
    })
    .input(whoseSchema)
    .output(z.array(labellingJudgeSchema))
    .query(({ ctx, input }) => judgesCounted(ctx.db, { ...input, projectId: ctx.projectId })),

  verdicts: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/judge-versions/{judgeVersionId}/verdicts",
        summary: "What a version of a judge said, and where it failed, newest first",
      },
    })
    .input(verdictsInputSchema)
    .output(z.object({ items: z.array(verdictSchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listVerdicts(ctx.db, input)),
});
