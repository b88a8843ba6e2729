import { z } from "zod";
import { claimSeats } from "../seat/claim";
import { blindTaskSchema, claimedSchema, holdSchema, skipSchema } from "../seat/schema";
import { heartbeat, openSeat, releaseAll, releaseSeat, renewSeat, skipSeat } from "../seat/seat";
import { member, router, signedIn } from "../trpc";
import { deskOf, historyOf } from "./history";
import {
  deskSchema,
  flagReasonSchema,
  historyFilterSchema,
  historyRowSchema,
  judgementSchema,
  submitSchema,
  submittedSchema,
} from "./schema";
import { flagAnnotation, reviseAnnotation, submitAnnotation, undoAnnotation } from "./submit";

const seat = z.object({ assignmentId: z.uuid() });

/** The desk. A seat is named by its id alone: it is found only by the rater who sits on it. */
export const annotationRouter = router({
  desk: member
    .input(z.object({ timeZone: z.string().max(60).default("UTC") }))
    .output(deskSchema)
    .query(({ ctx, input }) => deskOf(ctx.db, { ...input, personId: ctx.viewer.personId })),

  claim: member
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/assignments",
        summary: "Take seats on tasks; answers with the blind tasks",
      },
    })
    .input(holdSchema)
    .output(claimedSchema)
    .mutation(({ ctx, input }) => claimSeats(ctx.db, { ...input, personId: ctx.viewer.personId })),

  heartbeat: member
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/assignments/renew",
        summary: "Renew all seats you hold in a project",
      },
    })
    .output(z.object({ assignmentIds: z.array(z.uuid()), leasedUntil: z.date().nullable() }))
    .mutation(({ ctx }) => heartbeat(ctx.db, { projectId: ctx.projectId, personId: ctx.viewer.personId })),

  open: signedIn
    .meta({
      rest: {
        method: "GET",
        path: "/assignments/{assignmentId}",
        summary: "A seat you hold or held, with your answers",
      },
    })
    .input(seat)
    .output(blindTaskSchema)
    .query(({ ctx, input }) => openSeat(ctx.db, { ...input, viewer: ctx.viewer })),

  submit: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/annotation",
        summary: "Submit a judgement; can answer with the next task",
      },
    })
    .input(submitSchema)
    .output(submittedSchema)
    .mutation(({ ctx, input }) => submitAnnotation(ctx.db, { ...input, viewer: ctx.viewer })),

  revise: signedIn
    .meta({
      rest: {
        method: "PUT",
        path: "/assignments/{assignmentId}/annotation",
        summary: "Change a judgement that was submitted or sent back; the earlier revision is kept",
      },
    })
    .input(judgementSchema.extend(seat.shape))
    .output(submittedSchema.pick({ annotationId: true, revision: true, duplicate: true }))
    .mutation(({ ctx, input }) => reviseAnnotation(ctx.db, { ...input, viewer: ctx.viewer })),

  undo: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/undo",
        summary: "Take back a judgement submitted seconds ago",
      },
    })
    .input(seat)
    .output(blindTaskSchema)
    .mutation(({ ctx, input }) => undoAnnotation(ctx.db, { ...input, viewer: ctx.viewer })),

  skip: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/skip",
        summary: "Decline a task with a reason; another rater gets the seat",
      },
    })
    .input(skipSchema)
    .output(z.object({ next: claimedSchema.nullable() }))
    .mutation(({ ctx, input }) => skipSeat(ctx.db, { ...input, viewer: ctx.viewer })),

  release: signedIn
    .meta({
      rest: { method: "POST", path: "/assignments/{assignmentId}/release", summary: "Give a seat back" },
    })
    .input(seat)
    .mutation(({ ctx, input }) => releaseSeat(ctx.db, { ...input, viewer: ctx.viewer })),

  releaseAll: signedIn
    .meta({ rest: { method: "POST", path: "/assignments/release", summary: "Give all your seats back" } })
    .output(z.object({ released: z.number().int() }))
    .mutation(({ ctx }) => releaseAll(ctx.db, { personId: ctx.viewer.personId })),

  renew: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/renew",
        summary: "Keep a seat for another lease",
      },
    })
    .input(seat)
    .output(z.object({ leasedUntil: z.date() }))
    .mutation(({ ctx, input }) => renewSeat(ctx.db, { ...input, viewer: ctx.viewer })),

  flag: signedIn
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/flag",
        summary: "Flag your judgement for a reviewer, or take the flag back",
      },
    })
    .input(seat.extend({ reason: flagReasonSchema.nullable() }))
    .mutation(({ ctx, input }) => flagAnnotation(ctx.db, { ...input, viewer: ctx.viewer })),

  history: member
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/history",
        summary: "Your own judgements, newest first",
      },
    })
    .input(
      historyFilterSchema.extend({
        cursor: z.string().optional(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ items: z.array(historyRowSchema), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => historyOf(ctx.db, { ...input, personId: ctx.viewer.personId })),
});
