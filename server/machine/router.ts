import { z } from "zod";
import { workerCapabilitiesSchema } from "../../db/shape/run";
import { liveWorkers } from "../run/worker";
import { createMachineToken, listMachineTokens, revokeMachineToken } from "../token/machine";
import { machineTokenSchema, newMachineTokenSchema } from "../token/schema";
import { admin, router } from "../trpc";

export const machineRouter = router({
  workers: admin
    .meta({ rest: { method: "GET", path: "/workers", summary: "Workers that are connected now" } })
    .output(
      z.array(
        z.object({
          id: z.uuid(),
          name: z.string(),
          capabilities: workerCapabilitiesSchema.omit({ options: true }),
          startedAt: z.date(),
          heartbeatAt: z.date(),
        }),
      ),
    )
    .query(({ ctx }) => liveWorkers(ctx.db)),

  tokens: admin
    .meta({ rest: { method: "GET", path: "/machine-tokens", summary: "Tokens of machines, newest first" } })
    .output(z.array(machineTokenSchema))
    .query(({ ctx }) => listMachineTokens(ctx.db)),

  createToken: admin
    .meta({
      rest: {
        method: "POST",
        path: "/machine-tokens",
        summary: "Make a machine's token; it is shown this once",
        secret: true,
      },
    })
    .input(newMachineTokenSchema)
    .output(machineTokenSchema.extend({ token: z.string() }))
    .mutation(({ ctx, input }) => createMachineToken(ctx.db, ctx.actor, input)),

  revokeToken: admin
    .meta({ rest: { method: "DELETE", path: "/machine-tokens/{tokenId}", summary: "End a machine's token" } })
    .input(z.object({ tokenId: z.uuid() }))
    .mutation(({ ctx, input }) => revokeMachineToken(ctx.db, ctx.actor, input)),
});
