import { z } from "zod";
import { member, router } from "../trpc";
import { readThread, waitingThreads, writeRemark } from "./remark";
import { remarkText, threadEntrySchema, waitingThreadSchema } from "./schema";

/** A member, as the side on which they stand: a rater has the threads of their own judgements. */
const onASide = member.use(({ ctx, next }) =>
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

const ofSeat = z.object({ assignmentId: z.uuid() });

export const remarkRouter = router({
  thread: onASide
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/assignments/{assignmentId}/thread",
        summary: "What a rater and the reviewers wrote about a judgement; from then on it is read",
      },
    })
    .input(ofSeat)
    .output(z.array(threadEntrySchema))
    .query(({ ctx, input }) => readThread(ctx.db, { ...ctx.reader, ...input })),

  write: onASide
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/assignments/{assignmentId}/thread",
        summary: "Write to the rater of a flagged or returned judgement, or as its rater to the reviewers",
      },
    })
    .input(ofSeat.extend({ text: remarkText }))
    .mutation(({ ctx, input }) => writeRemark(ctx.db, ctx.actor, { ...ctx.reader, ...input })),

  waiting: onASide
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/threads",
        summary: "Threads with a remark that nobody on your side has read",
      },
    })
    .output(z.array(waitingThreadSchema))
    .query(({ ctx }) => waitingThreads(ctx.db, ctx.reader)),
});
