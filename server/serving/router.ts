import { z } from "zod";
import { reviewer, router, signedIn } from "../trpc";
import { followCall, servedModels, startCall } from "./call";
import { byCall, calledSchema, newCallSchema, servedModelSchema } from "./schema";

/** What /api/openai/v1 calls: it takes OpenAI's requests apart and writes its answers. */
export const servingRouter = router({
  models: signedIn.output(z.array(servedModelSchema)).query(({ ctx }) => servedModels(ctx.db, ctx.viewer)),

  start: reviewer
    .input(newCallSchema)
    .output(calledSchema)
    .mutation(({ ctx, input }) => startCall(ctx.db, { ...ctx.actor, personId: ctx.viewer.personId }, input)),

  follow: reviewer.input(byCall).subscription(({ ctx, input, signal }) =>
    followCall(ctx.db, ctx.sql, {
      ...input,
      personId: ctx.viewer.personId,
      mayStill: ctx.mayStill,
      signal: signal ?? new AbortController().signal,
    }),
  ),
});
