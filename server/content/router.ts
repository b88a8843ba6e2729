import { z } from "zod";
import { noteSeen } from "../blindness/seen";
import { manager, reviewer, router } from "../trpc";
import { addPrompts, deletePrompts } from "./content";
import { contentFacets, getPrompt, listPrompts } from "./list";
import {
  facetsSchema,
  newPromptSchema,
  promptFilterSchema,
  promptRowSchema,
  promptSchema,
  responseSchema,
} from "./schema";

export const contentRouter = router({
  prompts: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/prompts", summary: "Prompts, newest first" },
    })
    .input(
      promptFilterSchema.extend({
        cursor: z.uuid().optional(),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({ items: z.array(promptRowSchema), total: z.number().int(), nextCursor: z.uuid().nullable() }),
    )
    .query(({ ctx, input }) => listPrompts(ctx.db, input)),

  facets: reviewer.output(facetsSchema).query(({ ctx }) => contentFacets(ctx.db, ctx)),

  prompt: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/prompts/{promptId}",
        summary: "One prompt with its responses and tasks",
      },
    })
    .input(z.object({ promptId: z.uuid() }))
    .output(
      z.object({
        prompt: promptSchema,
        responses: z.array(responseSchema),
        tasks: z.array(
          z.object({
            id: z.uuid(),
            responseIds: z.array(z.uuid()),
            overlap: z.number().int(),
            priority: z.number().int(),
            submitted: z.number().int(),
          }),
        ),
      }),
    )
    .query(async ({ ctx, input }) => {
      const found = await getPrompt(ctx.db, input);
      const shown = found.tasks.map(({ id }) => ({ taskId: id }));
      await noteSeen(ctx.db, { personId: ctx.viewer.personId, shown });
      return found;
    }),

  addPrompts: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/prompts",
        summary: "Add prompts with responses",
        rows: true,
      },
    })
    .input(z.object({ prompts: z.array(newPromptSchema).min(1).max(5000) }))
    .output(
      z.object({
        /** In the order given; a conversation that was there already keeps its id. */
        promptIds: z.array(z.uuid()),
        newPrompts: z.number().int(),
        newResponses: z.number().int(),
      }),
    )
    .mutation(({ ctx, input }) => addPrompts(ctx.db, ctx.actor, input)),

  deletePrompts: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/prompts/delete",
        summary: "Delete prompts that nobody has judged",
      },
    })
    .input(z.object({ promptIds: z.array(z.uuid()).min(1).max(10_000) }))
    .output(z.object({ deleted: z.number().int() }))
    .mutation(({ ctx, input }) => deletePrompts(ctx.db, ctx.actor, input)),
});
