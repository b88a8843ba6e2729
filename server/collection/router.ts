import { z } from "zod";
import { admin, router } from "../trpc";
import { listCollections, startCollection } from "./collection";
import { collectionSchema } from "./schema";

export const collectionRouter = router({
  list: admin
    .meta({
      rest: {
        method: "GET",
        path: "/collections",
        summary: "What was taken away because nobody needs it, newest first",
      },
    })
    .input(z.object({ cursor: z.uuid().optional(), limit: z.number().int().min(1).max(100).default(20) }))
    .output(z.object({ items: z.array(collectionSchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listCollections(ctx.db, input)),

  start: admin
    .meta({
      rest: {
        method: "POST",
        path: "/collections",
        summary: "Take away now what nobody needs; it happens daily by itself",
      },
    })
    .output(z.object({ id: z.uuid() }))
    .mutation(({ ctx }) => ctx.db.transaction((tx) => startCollection(tx, ctx.actor, { cause: "asked" }))),
});
