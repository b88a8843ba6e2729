import { z } from "zod";
import { promptFilterSchema } from "@/server/content/schema";

/** What the address of the prompts page says: the filter, and the prompt whose detail is open. */
export const promptsAddress = promptFilterSchema.extend({ prompt: z.uuid().optional() });
