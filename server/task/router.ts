import { z } from "zod";
import { manager, reviewer, router } from "../trpc";
import { listTasks } from "./list";
import { createTasksSchema, prioritySchema, taskFilterSchema, taskRowSchema } from "./schema";
import { createTasks, reserveSeats, setPriority, withdrawTasks } from "./task";

const someTasks = z.object({ taskIds: z.array(z.uuid()).min(1).max(10_000) });
const changedTasks = z.object({ tasks: z.number().int() });

export const taskRouter = router({
  list: reviewer
    .meta({ rest: { method: "GET", path: "/projects/{projectId}/tasks", summary: "Tasks and who has them" } })
    .input(
      taskFilterSchema.extend({
        cursor: z.number().int().optional(),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({
        items: z.array(taskRowSchema),
        total: z.number().int(),
        nextCursor: z.number().int().nullable(),
      }),
    )
    .query(({ ctx, input }) => listTasks(ctx.db, input)),

  create: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/tasks",
        summary: "Make tasks from prompts and responses",
      },
    })
    .input(createTasksSchema)
    .output(z.object({ created: z.number().int(), existing: z.number().int() }))
    .mutation(({ ctx, input }) => createTasks(ctx.db, ctx.actor, input)),

  setPriority: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/tasks/priority",
        summary: "Give tasks another priority",
      },
    })
    .input(someTasks.extend({ priority: prioritySchema }))
    .output(changedTasks)
    .mutation(({ ctx, input }) => setPriority(ctx.db, ctx.actor, input)),

  reserve: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/tasks/reserve",
        summary: "Reserve open seats for named raters, or for nobody",
      },
    })
    .input(someTasks.extend({ raterIds: z.array(z.uuid()).max(100) }))
    .output(changedTasks)
    .mutation(({ ctx, input }) => reserveSeats(ctx.db, ctx.actor, input)),

  withdraw: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/tasks/withdraw",
        summary: "Want no more judgements of tasks; those given stay",
      },
    })
    .input(someTasks)
    .output(changedTasks)
    .mutation(({ ctx, input }) => withdrawTasks(ctx.db, ctx.actor, input)),
});
