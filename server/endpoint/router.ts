import { z } from "zod";
import { manager, router } from "../trpc";
import { addEndpoint, editEndpoint, listEndpoints, probeEndpoint, removeEndpoint } from "./endpoint";
import {
  changedEndpointSchema,
  endpointSchema,
  newEndpointSchema,
  chosenEndpointSchema as one,
  probeSpecSchema,
  usageSchema,
  usageSpecSchema,
} from "./schema";
import { usageOf } from "./usage";

export const endpointRouter = router({
  list: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/endpoints",
        summary: "Where models answer, what they can do and what they have cost",
      },
    })
    .output(z.array(endpointSchema))
    .query(({ ctx }) => listEndpoints(ctx.db, ctx)),

  usage: manager
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/usage",
        summary: "What was asked of models by day, person and purpose, with tokens and cost",
      },
    })
    .input(usageSpecSchema)
    .output(z.array(usageSchema))
    .query(({ ctx, input }) => usageOf(ctx.db, { ...input, projectId: ctx.projectId })),

  add: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/endpoints",
        summary: "Add an endpoint and probe it; its key is kept encrypted",
        secret: true,
      },
    })
    .input(newEndpointSchema)
    .output(one.extend({ runId: z.uuid() }))
    .mutation(({ ctx, input }) => addEndpoint(ctx.db, ctx.actor, input)),

  edit: manager
    .meta({
      rest: {
        method: "PATCH",
        path: "/projects/{projectId}/endpoints/{endpointId}",
        summary: "Change an endpoint's name, key, prices or limits",
        secret: true,
      },
    })
    .input(changedEndpointSchema.extend(one.shape))
    .output(one)
    .mutation(async ({ ctx, input }) => {
      await editEndpoint(ctx.db, ctx.actor, input);
      return { endpointId: input.endpointId };
    }),

  remove: manager
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/endpoints/{endpointId}",
        summary: "Take an endpoint out of use and forget its key",
      },
    })
    .input(one)
    .output(one)
    .mutation(async ({ ctx, input }) => {
      await removeEndpoint(ctx.db, ctx.actor, input);
      return { endpointId: input.endpointId };
    }),

  probe: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/endpoints/{endpointId}/probes",
        summary: "Find out what an endpoint can do, or with a prompt try it",
      },
    })
    .input(probeSpecSchema)
    .output(z.object({ runId: z.uuid() }))
    .mutation(({ ctx, input }) => probeEndpoint(ctx.db, ctx.actor, { ...input, projectId: ctx.projectId })),
});
