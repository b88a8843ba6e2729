import { z } from "zod";
import { router, signedIn } from "../trpc";
import { secretNameSchema } from "./schema";
import { forgetSecret, listSecrets, storeSecret } from "./secret";

export const secretRouter = router({
  list: signedIn
    .meta({ rest: { method: "GET", path: "/secrets", summary: "Names of your stored provider tokens" } })
    .output(z.array(z.object({ name: z.string(), createdAt: z.date(), updatedAt: z.date().nullable() })))
    .query(({ ctx }) => listSecrets(ctx.db, ctx.viewer)),

  store: signedIn
    .meta({
      rest: {
        method: "PUT",
        path: "/secrets/{name}",
        summary: "Store a provider token, encrypted",
        secret: true,
      },
    })
    .input(z.object({ name: secretNameSchema, value: z.string().trim().min(1).max(4000) }))
    .output(z.object({ name: secretNameSchema }))
    .mutation(async ({ ctx, input }) => {
      await storeSecret(ctx.db, ctx.actor, { personId: ctx.viewer.personId, ...input });
      return { name: input.name };
    }),

  forget: signedIn
    .meta({ rest: { method: "DELETE", path: "/secrets/{name}", summary: "Forget a stored provider token" } })
    .input(z.object({ name: secretNameSchema }))
    .output(z.object({ name: secretNameSchema }))
    .mutation(async ({ ctx, input }) => {
      await forgetSecret(ctx.db, ctx.actor, { personId: ctx.viewer.personId, ...input });
      return input;
    }),
});
