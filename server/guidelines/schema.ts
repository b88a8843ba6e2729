import { z } from "zod";

/** One version of a project's guidelines. */
export const guidelineVersionSchema = z.object({
  id: z.uuid(),
  version: z.number().int(),
  markdown: z.string(),
  createdBy: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  createdAt: z.date(),
});
