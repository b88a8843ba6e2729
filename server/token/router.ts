import { z } from "zod";
import { router, signedIn } from "../trpc";
import { createToken, listTokens, revokeToken } from "./person";
import { createdTokenSchema, newTokenSchema, tokenSchema } from "./schema";

export const tokenRouter = router({
  list: signedIn
    .meta({ rest: { method: "GET", path: "/tokens", summary: "Your API tokens, newest first" } })
    .output(z.array(tokenSchema))
    .query(({ ctx }) => listTokens(ctx.db, ctx.viewer.personId)),

  create: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/tokens",
        summary: "Make an API token; it is shown this once",
        secret: true,
      },
    })
    .input(newTokenSchema)
    .output(createdTokenSchema)
    .mutation(({ ctx, input }) =>
      createToken(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  revoke: signedIn
    .meta({ rest: { method: "DELETE", path: "/tokens/{tokenId}", summary: "End one of your API tokens" } })
    .input(z.object({ tokenId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      revokeToken(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),
});
