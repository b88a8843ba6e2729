import { z } from "zod";
import { raterOf } from "../rater/rater";
import { claimSeats } from "../seat/claim";
import { blindTaskSchema, claimedSchema, holdSchema, skipSchema } from "../seat/schema";
import {
  findOwnSeat,
  heartbeat,
  openSeat,
  releaseSeat,
  releaseSeatsOf,
  renewSeat,
  skipSeat,
} from "../seat/seat";
import { member, router, signedIn } from "../trpc";
import { deskOf, historyOf } from "./history";
import { flagAnnotation, reviseAnnotation } from "./revise";
import {
  deskSchema,
  flagReasonSchema,
  historyFilterSchema,
  historyRowSchema,
  judgementSchema,
  submitSchema,
  submittedSchema,
  undoSchema,
} from "./schema";
import { submitAnnotation } from "./submit";
import { undoAnnotation } from "./undo";

/** A member, as the rater they are in the project: it is made with their first look at the desk. */
const asRater = member.use(async ({ ctx, next }) => {
  const raterId = await raterOf(ctx.db, { projectId: ctx.projectId, personId: ctx.viewer.personId });
  return next({ ctx: { ...ctx, raterId } });
});

const seatInput = z.object({ assignmentId: z.uuid() });

/** Whoever signed in, as the rater of a seat that is named by its id alone; everybody else finds none. */
const onSeat = signedIn.input(seatInput).use(async ({ ctx, input, next }) => {
  const seat = await findOwnSeat(ctx.db, { assignmentId: input.assignmentId, viewer: ctx.viewer });
  const origin = ctx.viewer.tokenId ? ("api" as const) : ("desk" as const);
  return next({ ctx: { ...ctx, seat, origin, key: { assignmentId: seat.id, raterId: seat.raterId } } });
});

/** The desk. Who asks is a person; from here on seats and judgements know raters alone. */
export const annotationRouter = router({
  desk: asRater
    .input(z.object({ timeZone: z.string().max(60).default("UTC") }))
    .output(deskSchema)
    .query(({ ctx, input }) => deskOf(ctx.db, { ...input, raterId: ctx.raterId })),

  claim: asRater
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/assignments",
        summary: "Take seats on tasks; answers with the blind tasks",
      },
    })
    .input(holdSchema)
    .output(claimedSchema)
    .mutation(({ ctx, input }) => claimSeats(ctx.db, { ...input, raterId: ctx.raterId })),

  heartbeat: asRater
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/assignments/renew",
        summary: "Renew all seats you hold in a project",
      },
    })
    .output(z.object({ assignmentIds: z.array(z.uuid()), leasedUntil: z.date().nullable() }))
    .mutation(({ ctx }) => heartbeat(ctx.db, { raterId: ctx.raterId })),

  open: onSeat
    .meta({
      rest: {
        method: "GET",
        path: "/assignments/{assignmentId}",
        summary: "A seat you hold or held, with your answers",
      },
    })
    .output(blindTaskSchema)
    .query(({ ctx }) => openSeat(ctx.db, ctx.key)),

  submit: onSeat
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/annotation",
        summary: "Submit a judgement; can answer with the next task",
      },
    })
    .input(submitSchema)
    .output(submittedSchema)
    .mutation(({ ctx, input }) => submitAnnotation(ctx.db, ctx.seat, { ...input, origin: ctx.origin })),

  revise: onSeat
    .meta({
      rest: {
        method: "PUT",
        path: "/assignments/{assignmentId}/annotation",
        summary: "Change a judgement that was submitted or sent back; the earlier revision is kept",
      },
    })
    .input(judgementSchema)
    .output(submittedSchema.pick({ annotationId: true, revision: true, duplicate: true }))
    .mutation(({ ctx, input }) => reviseAnnotation(ctx.db, ctx.key, { ...input, origin: ctx.origin })),

  undo: onSeat
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/undo",
        summary: "Take back a judgement submitted seconds ago",
      },
    })
    .input(undoSchema)
    .output(blindTaskSchema)
    .mutation(({ ctx, input }) => undoAnnotation(ctx.db, { ...input, ...ctx.key })),

  skip: onSeat
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/skip",
        summary: "Decline a task with a reason; another rater gets the seat",
      },
    })
    .input(skipSchema)
    .output(z.object({ next: claimedSchema.nullable() }))
    .mutation(({ ctx, input }) => skipSeat(ctx.db, { ...input, ...ctx.key })),

  release: onSeat
    .meta({
      rest: { method: "POST", path: "/assignments/{assignmentId}/release", summary: "Give a seat back" },
    })
    .mutation(({ ctx }) => releaseSeat(ctx.db, ctx.key)),

  releaseAll: signedIn
    .meta({ rest: { method: "POST", path: "/assignments/release", summary: "Give all your seats back" } })
    .output(z.object({ released: z.number().int() }))
    .mutation(({ ctx }) => releaseSeatsOf(ctx.db, { personId: ctx.viewer.personId })),

  renew: onSeat
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/renew",
        summary: "Keep a seat for another lease",
      },
    })
    .output(z.object({ leasedUntil: z.date() }))
    .mutation(({ ctx }) => renewSeat(ctx.db, ctx.key)),

  flag: onSeat
    .meta({
      rest: {
        method: "POST",
        path: "/assignments/{assignmentId}/flag",
        summary: "Flag your judgement for a reviewer, or take the flag back",
      },
    })
    .input(z.object({ reason: flagReasonSchema.nullable() }))
    .mutation(({ ctx, input }) => flagAnnotation(ctx.db, ctx.actor, { ...input, ...ctx.key })),

  history: asRater
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
    .query(({ ctx, input }) => historyOf(ctx.db, { ...input, raterId: ctx.raterId })),
});
