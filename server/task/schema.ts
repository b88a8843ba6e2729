import { z } from "zod";
import { assignmentStatuses } from "../../db/shape/judgement";
import { groupings, taskStates } from "../../db/shape/task";
import { languageSchema, promptFilterSchema } from "../content/schema";
import { overlapSchema } from "../project/schema";

export const prioritySchema = z.number().int().min(-1000).max(1000);

export const createTasksSchema = z
  .object({
    /** Which prompts; absent: all that match `filter`. */
    promptIds: z.array(z.uuid()).min(1).max(10_000).optional(),
    filter: promptFilterSchema.prefault({}),
    grouping: z.enum(groupings).default("together"),
    /** These responses of one prompt, as one task. */
    responseIds: z.array(z.uuid()).max(20).optional(),
    /** Absent: the project's. */
    overlap: overlapSchema.optional(),
    priority: prioritySchema.default(0),
    /** Reserve the seats for these raters, one each; then overlap is their number. */
    raterIds: z.array(z.uuid()).min(1).max(100).optional(),
    /** Absent: those of the prompt. */
    language: languageSchema.optional(),
    domain: z.string().trim().min(1).max(100).optional(),
  })
  .refine((input) => !input.responseIds || input.promptIds?.length === 1, {
    path: ["responseIds"],
    error: "Name the one prompt of these responses in promptIds.",
  });
export type CreateTasks = z.infer<typeof createTasksSchema>;

export const taskFilterSchema = promptFilterSchema.extend({
  state: z.enum(taskStates).optional(),
  raterId: z.uuid().optional(),
});

export const seatSchema = z.object({
  assignmentId: z.uuid(),
  status: z.enum(assignmentStatuses),
  rater: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Only this rater may take the seat. */
  reservedFor: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  leasedUntil: z.date().nullable(),
  skipReason: z.string().nullable(),
  skipNote: z.string().nullable(),
  returnComment: z.string().nullable(),
});

export const taskRowSchema = z.object({
  id: z.uuid(),
  promptId: z.uuid(),
  excerpt: z.string(),
  responses: z.number().int(),
  overlap: z.number().int(),
  priority: z.number().int(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  submitted: z.number().int(),
  seats: z.array(seatSchema),
  createdAt: z.date(),
});
