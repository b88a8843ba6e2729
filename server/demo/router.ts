import { z } from "zod";
import { reviewer, router, signedIn } from "../trpc";
import { loopOf, startLoop } from "./loop";
import { loopBaseSchema, loopSchema } from "./schema";

export const loopRouter = router({
  start: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/loops",
        summary: "Make a project that goes the whole loop once, from judged pairs to a blind comparison",
      },
    })
    .input(z.object({ base: loopBaseSchema }))
    .output(z.object({ projectId: z.uuid() }))
    .mutation(({ ctx, input }) => startLoop(ctx.db, ctx.actor, { viewer: ctx.viewer, ...input })),

  get: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/loop",
        summary: "Where the loop of a project stands; null for a project that is none",
      },
    })
    .output(loopSchema.nullable())
    .query(({ ctx, input }) => loopOf(ctx.db, input)),
});
