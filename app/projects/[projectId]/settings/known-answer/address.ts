import { z } from "zod";

/** What the address of the page says: the words looked for, or the prompt and which of its responses. */
export const knownAnswerAddress = z.object({
  search: z.string().trim().max(400).optional(),
  prompt: z.uuid().optional(),
  /** Ids with commas between; absent: those of the prompt's first task. */
  responses: z.string().optional(),
});
