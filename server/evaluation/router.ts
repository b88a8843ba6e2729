import { z } from "zod";
import { getModel } from "../model/model";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { evaluationsOf, startEvaluation } from "./blind";
import { queueModelRun, rankedResponses, rewardDisagreements } from "./evaluation";
import {
  chatSpecSchema,
  disagreementSchema,
  evaluateSpecSchema,
  evaluationSchema,
  generateSpecSchema,
  rankedResponseSchema,
  scoreSpecSchema,
} from "./schema";

const byModel = z.object({ modelId: z.uuid() });

export const evaluationRouter = router({
  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/models/{modelId}/evaluations",
        summary: "Blind comparisons of a model, with the votes so far",
      },
    })
    .input(byModel)
    .output(z.array(evaluationSchema))
    .query(({ ctx, input }) => evaluationsOf(ctx.db, input)),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/evaluations",
        summary: "Evaluate a model blind with the experts; answers with the run that prepares it",
      },
    })
    .input(evaluateSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startEvaluation(ctx.db, ctx.actor, input)),

  generate: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/generations",
        summary: "Let a model answer the project's prompts",
      },
    })
    .input(generateSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, ...spec } }) =>
      queueModelRun(ctx.db, ctx.actor, {
        projectId,
        kind: "generate",
        modelIds: [spec.modelId],
        wants: "writes",
        title: ([model]) => `Responses of ${model}`,
        spec,
      }),
    ),

  score: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/scorings",
        summary: "Let a reward model score the project's responses",
      },
    })
    .input(scoreSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, ...spec } }) =>
      queueModelRun(ctx.db, ctx.actor, {
        projectId,
        kind: "score",
        modelIds: [spec.modelId],
        wants: "scores",
        title: ([model]) => `Scores of ${model}`,
        spec,
      }),
    ),

  chat: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/chats",
        summary: "Let one or two models answer a conversation; answers with the run",
      },
    })
    .input(
      chatSpecSchema.refine(
        ({ modelIds, conversations }) => modelIds.length === conversations.length,
        "Give one conversation a model.",
      ),
    )
    .output(runSchema)
    .mutation(({ ctx, input: { projectId, ...spec } }) =>
      queueModelRun(ctx.db, ctx.actor, {
        projectId,
        kind: "chat",
        modelIds: spec.modelIds,
        wants: "writes",
        title: (names) => `Chat with ${names.join(" and ")}`,
        spec,
      }),
    ),

  disagreements: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/models/{modelId}/disagreements",
        summary: "Pairs on which experts and reward model differ most",
      },
    })
    .input(byModel.extend({ limit: z.coerce.number().int().min(1).max(500).default(50) }))
    .output(z.array(disagreementSchema))
    .query(async ({ ctx, input }) => {
      await getModel(ctx.db, input);
      return rewardDisagreements(ctx.db, input);
    }),

  ranked: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/models/{modelId}/ranked",
        summary: "Responses to a prompt, best first by a reward model",
      },
    })
    .input(byModel.extend({ promptId: z.uuid() }))
    .output(z.array(rankedResponseSchema))
    .query(({ ctx, input }) => rankedResponses(ctx.db, input)),
});
