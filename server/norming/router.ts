import { z } from "zod";
import { manager, member, router } from "../trpc";
import { endNorming, openNorming, repeatNorming, startNorming } from "./run";
import { sayInNorming } from "./say";
import { repeatNormingSchema, sayInNormingSchema, shownNormingSchema, startNormingSchema } from "./schema";
import { showNorming } from "./show";

/** A member, as whoever looks: raters see the normings in which they take part. */
const reader = member.use(({ ctx, next }) =>
  next({
    ctx: {
      ...ctx,
      reader: {
        projectId: ctx.projectId,
        personId: ctx.viewer.personId,
        mayReview: ctx.role !== "annotator",
      },
    },
  }),
);

const ofNorming = z.object({ normingId: z.uuid() });
const at = "/projects/{projectId}/normings";

export const normingRouter = router({
  show: reader
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/norming",
        summary:
          "A norming, the newest unless one is named: how far it is, and once a pass has ended who answered what and how far raters agree",
      },
    })
    .input(ofNorming.partial())
    .output(shownNormingSchema.nullable())
    .query(({ ctx, input }) => showNorming(ctx.db, { ...ctx.reader, normingId: input.normingId })),

  start: manager
    .meta({
      rest: {
        method: "POST",
        path: at,
        summary: "Begin a norming: all its raters judge the same items blind, before their other tasks",
      },
    })
    .input(startNormingSchema)
    .output(
      z.object({
        id: z.uuid(),
        items: z.number().int(),
        raters: z.number().int(),
        /** Other tasks on the same prompts, which are given out no more either. */
        withdrawn: z.number().int(),
      }),
    )
    .mutation(({ ctx, input }) => startNorming(ctx.db, ctx.actor, input)),

  open: manager
    .meta({
      rest: {
        method: "POST",
        path: `${at}/{normingId}/open`,
        summary: "End the first pass now, whoever is done: its raters see one another's answers",
      },
    })
    .input(ofNorming)
    .mutation(({ ctx, input }) => openNorming(ctx.db, ctx.actor, input)),

  repeat: manager
    .meta({
      rest: {
        method: "POST",
        path: `${at}/{normingId}/repeat`,
        summary: "Begin the second blind pass, over the same items or over others",
      },
    })
    .input(ofNorming.extend(repeatNormingSchema.shape))
    .output(z.object({ items: z.number().int(), withdrawn: z.number().int() }))
    .mutation(({ ctx, input }) => repeatNorming(ctx.db, ctx.actor, input)),

  end: manager
    .meta({
      rest: {
        method: "POST",
        path: `${at}/{normingId}/end`,
        summary: "End a norming, and the pass that is judged: its raters get other tasks",
      },
    })
    .input(ofNorming)
    .mutation(({ ctx, input }) => endNorming(ctx.db, ctx.actor, input)),

  say: reader
    .meta({
      rest: {
        method: "POST",
        path: `${at}/items/{taskId}/remarks`,
        summary: "Say something about an item, to all who see its answers",
      },
    })
    .input(sayInNormingSchema)
    .mutation(({ ctx, input }) => sayInNorming(ctx.db, ctx.actor, { ...ctx.reader, ...input })),
});
