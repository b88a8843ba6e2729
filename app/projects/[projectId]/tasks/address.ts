import { z } from "zod";
import { taskFilterSchema } from "@/server/task/schema";

/** What the address of the tasks page says: the filter, and the task whose detail is open. */
export const tasksAddress = taskFilterSchema.extend({ task: z.uuid().optional() });
