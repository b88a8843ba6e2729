import { z } from "zod";
import { goldPolicySchema } from "../../db/shape/gold";
import { blockRater, unblockRater } from "../seat/block";
import { manager, reviewer, router } from "../trpc";
import { adoptGold, createGold, listGold, retireGold } from "./items";
import { goldSettings, setPolicy } from "./policy";
import { goldRaters } from "./raters";
import {
  adoptGoldSchema,
  createGoldSchema,
  goldRaterSchema,
  goldRowSchema,
  goldSettingsSchema,
  madeGoldSchema,
  pausedSchema,
} from "./schema";

export const goldRouter = router({
  settings: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/gold/settings",
        summary: "How the project deals with known answers, and how many items there are",
      },
    })
    .output(goldSettingsSchema)
    .query(({ ctx }) => goldSettings(ctx.db, ctx.projectId)),

  setPolicy: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/gold/settings",
        summary: "Say how many tasks have a known answer, who is told, who has to qualify and who is blocked",
      },
    })
    .input(z.object({ policy: goldPolicySchema }))
    .mutation(({ ctx, input }) => setPolicy(ctx.db, ctx.actor, input)),

  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/gold",
        summary: "Items with a known answer, and how raters did; whoever reads them gets none as a task",
      },
    })
    .output(z.array(goldRowSchema))
    .query(({ ctx, input }) => listGold(ctx.db, { ...input, personId: ctx.viewer.personId })),

  create: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/gold",
        summary: "Make items from responses of a prompt and their known answer",
      },
    })
    .input(createGoldSchema)
    .output(madeGoldSchema)
    .mutation(({ ctx, input }) => createGold(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),

  adopt: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/gold/adopt",
        summary: "Make items of adjudications, or of what a trusted rater judged",
      },
    })
    .input(adoptGoldSchema)
    .output(madeGoldSchema)
    .mutation(({ ctx, input }) => adoptGold(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),

  retire: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/gold/{taskId}/retire",
        summary: "Give an item out no more; if its answer was wrong, count nothing that was answered to it",
      },
    })
    .input(z.object({ taskId: z.uuid(), wasWrong: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => retireGold(ctx.db, ctx.actor, input)),

  raters: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/gold/raters",
        summary:
          "How often each rater was right where the answer is known, who has qualified, who is blocked",
      },
    })
    .output(z.array(goldRaterSchema))
    .query(({ ctx }) => goldRaters(ctx.db, ctx.projectId)),

  block: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/raters/{raterId}/block",
        summary: "Give a rater no more tasks; those at hand go to others at once",
      },
    })
    .input(pausedSchema)
    .mutation(({ ctx, input }) => blockRater(ctx.db, ctx.actor, input)),

  unblock: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/raters/{raterId}/unblock",
        summary: "Let a blocked rater go on, with a test that begins anew",
      },
    })
    .input(pausedSchema)
    .mutation(({ ctx, input }) => unblockRater(ctx.db, ctx.actor, input)),
});
