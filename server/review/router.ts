import { z } from "zod";
import { reopenTargets } from "../../db/shape/review";
import { answersIn, noteSeen } from "../blindness/seen";
import { manager, reviewer, router } from "../trpc";
import { adjudicate, disputeOf, undoDecision } from "./adjudicate";
import { listAnnotations } from "./annotations";
import { excludeAnnotations, includeAnnotations, reopenRater, sendBack } from "./curate";
import { dashboardOf } from "./dashboard";
import { reviewDetail } from "./detail";
import { disputes, undecided } from "./disputes";
import { countPreferences, showPreferences } from "./preferences";
import {
  adjudicationSchema,
  annotationFilterSchema,
  annotationSchema,
  dashboardSchema,
  disagreementSchema,
  disputeSchema,
  preferenceFilterSchema,
  preferenceRowSchema,
  preferenceViewSchema,
  reasonSchema,
  reviewDetailSchema,
} from "./schema";

const page = z.object({
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(2000).default(100),
});
export const changed = z.object({ annotations: z.number().int() });
export const someAnnotations = z.object({
  annotationIds: z.array(z.uuid()).min(1).max(10_000),
  reason: reasonSchema,
});

/** Whatever shows others' answers keeps to whom it showed them. */
export const reviewRouter = router({
  preferences: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/preferences", summary: "Pairwise preferences" },
    })
    .input(preferenceViewSchema.extend(page.shape))
    .output(z.object({ items: z.array(preferenceRowSchema), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => showPreferences(ctx.db, { ...input, personId: ctx.viewer.personId })),

  preferenceCount: reviewer
    .input(preferenceFilterSchema)
    .output(z.object({ total: z.number().int() }))
    .query(({ ctx, input }) => countPreferences(ctx.db, input)),

  annotations: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/annotations",
        summary: "Judgements as given, newest first",
      },
    })
    .input(annotationFilterSchema.extend(page.shape))
    .output(z.object({ items: z.array(annotationSchema), nextCursor: z.string().nullable() }))
    .query(async ({ ctx, input }) => {
      const page = await listAnnotations(ctx.db, input);
      await noteSeen(ctx.db, { personId: ctx.viewer.personId, shown: page.items.map(answersIn) });
      return page;
    }),

  detail: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/tasks/{taskId}",
        summary: "One task: what was shown, all answers, all decisions",
      },
    })
    .input(z.object({ taskId: z.uuid() }))
    .output(reviewDetailSchema)
    .query(async ({ ctx, input }) => {
      const detail = await reviewDetail(ctx.db, input);
      await noteSeen(ctx.db, { personId: ctx.viewer.personId, shown: [{ taskId: input.taskId }] });
      return detail;
    }),

  sendBack: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/annotations/return",
        summary: "Send judgements back to their raters with a comment",
      },
    })
    .input(someAnnotations)
    .output(changed)
    .mutation(({ ctx, input }) => sendBack(ctx.db, ctx.actor, input)),

  exclude: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/annotations/exclude",
        summary: "Leave judgements out of datasets",
      },
    })
    .input(someAnnotations)
    .output(changed)
    .mutation(({ ctx, input }) => excludeAnnotations(ctx.db, ctx.actor, input)),

  include: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/annotations/include",
        summary: "Let excluded judgements count again",
      },
    })
    .input(someAnnotations)
    .output(changed)
    .mutation(({ ctx, input }) => includeAnnotations(ctx.db, ctx.actor, input)),

  disagreements: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/disagreements",
        summary: "Tasks whose raters disagree and that nobody has adjudicated, most worth deciding first",
      },
    })
    .input(page)
    .output(
      z.object({
        items: z.array(disagreementSchema),
        total: z.number().int(),
        nextCursor: z.string().nullable(),
      }),
    )
    .query(async ({ ctx, input }) => {
      const { personId } = ctx.viewer;
      const queue = await disputes(ctx.db, { ...input, personId });
      await noteSeen(ctx.db, { personId, shown: queue.items.map(({ taskId }) => ({ taskId })) });
      return queue;
    }),

  undecided: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/undecided",
        summary: "The same tasks without a word of their votes, for whoever will decide blind",
      },
    })
    .input(page.pick({ limit: true }))
    .output(z.object({ taskIds: z.array(z.uuid()), total: z.number().int() }))
    .query(({ ctx, input }) => undecided(ctx.db, { ...input, personId: ctx.viewer.personId })),

  dispute: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/tasks/{taskId}/dispute",
        summary: "A task to decide, blind: without its votes and sources",
      },
    })
    .input(z.object({ taskId: z.uuid() }))
    .output(disputeSchema)
    .query(({ ctx, input }) => disputeOf(ctx.db, { ...input, personId: ctx.viewer.personId })),

  adjudicate: reviewer
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/tasks/{taskId}/adjudication",
        summary: "Decide a task; answers in canonical response order",
      },
    })
    .input(adjudicationSchema.extend({ taskId: z.uuid() }))
    .output(z.object({ annotationId: z.uuid() }))
    .mutation(({ ctx, input }) => adjudicate(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId })),

  undoDecision: reviewer
    .meta({
      rest: {
        method: "DELETE",
        path: "/projects/{projectId}/tasks/{taskId}/adjudication/{annotationId}",
        summary: "Take back a decision of one's own",
      },
    })
    .input(z.object({ taskId: z.uuid(), annotationId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      undoDecision(ctx.db, ctx.actor, { ...input, personId: ctx.viewer.personId }),
    ),

  reopen: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/raters/{raterId}/reopen",
        summary: "Have a rater's work done again, by the same rater or by anyone else",
      },
    })
    .input(
      z.object({
        raterId: z.uuid(),
        reason: reasonSchema,
        to: z.enum(reopenTargets),
        from: z.iso.datetime({ offset: true }).optional(),
        until: z.iso.datetime({ offset: true }).optional(),
      }),
    )
    .output(changed)
    .mutation(({ ctx, input }) => reopenRater(ctx.db, ctx.actor, input)),

  dashboard: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/dashboard",
        summary: "Progress, pace, raters, agreement and flags",
      },
    })
    .output(dashboardSchema)
    .query(({ ctx }) => dashboardOf(ctx.db, ctx)),
});
