import { z } from "zod";
import { runSchema } from "../run/schema";
import { manager, reviewer, router } from "../trpc";
import { foundTexts, meaningStanding, shownTexts, startEmbedding, startSearch, textMap } from "./meaning";
import {
  embedSpecSchema,
  foundSchema,
  mapInputSchema,
  meaningStandingSchema,
  searchSpecSchema,
  shownTextSchema,
  textMapSchema,
  textsInputSchema,
} from "./schema";

export const meaningRouter = router({
  standing: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/meaning",
        summary: "How many texts each model has read, to search by meaning",
      },
    })
    .output(meaningStandingSchema)
    .query(({ ctx }) => meaningStanding(ctx.db, ctx)),

  embed: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/meaning",
        summary: "Let a model read the texts that it has not read; answers with the run",
      },
    })
    .input(embedSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startEmbedding(ctx.db, ctx.actor, input)),

  search: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/meaning/searches",
        summary: "Look for texts by what they mean to a model; answers with the run",
      },
    })
    .input(searchSpecSchema)
    .output(runSchema)
    .mutation(({ ctx, input }) => startSearch(ctx.db, ctx.actor, input)),

  found: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/meaning/searches/{runId}",
        summary: "What a search by meaning found, the most alike first",
      },
    })
    .input(z.object({ runId: z.uuid() }))
    .output(foundSchema)
    .query(({ ctx, input }) => foundTexts(ctx.db, input)),

  map: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/meaning/{modelId}/map",
        summary: "Texts on a plane, near where a model reads them alike",
      },
    })
    .input(mapInputSchema)
    .output(textMapSchema)
    .query(({ ctx, input }) => textMap(ctx.db, input)),

  texts: reviewer
    .input(textsInputSchema)
    .output(z.array(shownTextSchema))
    .query(({ ctx, input }) => shownTexts(ctx.db, input)),
});
