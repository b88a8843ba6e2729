import { z } from "zod";
import { reviewer, router } from "../trpc";
import { deleteView, listViews, saveView } from "./saved-view";
import { newViewSchema, savedViewSchema } from "./schema";

export const savedViewRouter = router({
  list: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/saved-views",
        summary: "Views of a table: one's own, and those that are shared",
      },
    })
    .input(newViewSchema.pick({ page: true }))
    .output(z.array(savedViewSchema))
    .query(({ ctx, input }) => listViews(ctx.db, { ...input, personId: ctx.viewer.personId })),

  save: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/saved-views",
        summary: "Keep what a table shows under a name",
      },
    })
    .input(newViewSchema)
    .output(savedViewSchema)
    .mutation(({ ctx, input }) => saveView(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),

  delete: reviewer
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/saved-views/{viewId}",
        summary: "Delete a view of one's own",
      },
    })
    .input(z.object({ viewId: z.uuid() }))
    .mutation(({ ctx, input }) => deleteView(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),
});
