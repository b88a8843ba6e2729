import { reviewer, router } from "../trpc";
import { askTurn, judgeTurn, showNames } from "./chat";
import {
  askedTurnSchema,
  begunTurnSchema,
  byTurn,
  judgedTurnSchema,
  namesSchema,
  storedTurnSchema,
} from "./schema";

/** Conversations with two models at once, and which reply is better. */
export const chatRouter = router({
  ask: reviewer
    .input(askedTurnSchema)
    .output(begunTurnSchema)
    .mutation(({ ctx, input }) => askTurn(ctx.db, { ...ctx.actor, personId: ctx.viewer.personId }, input)),

  names: reviewer
    .input(byTurn)
    .output(namesSchema)
    .mutation(({ ctx, input }) => showNames(ctx.db, { ...input, personId: ctx.viewer.personId })),

  judge: reviewer
    .input(judgedTurnSchema)
    .output(storedTurnSchema)
    .mutation(({ ctx, input }) => judgeTurn(ctx.db, { ...ctx.actor, personId: ctx.viewer.personId }, input)),
});
