import { z } from "zod";

const amount = z.object({ count: z.number().int(), bytes: z.number() });

/** All that goes with a project. */
export const projectContentsSchema = z.object({
  members: z.number().int(),
  raters: z.number().int(),
  prompts: z.number().int(),
  responses: z.number().int(),
  tasks: z.number().int(),
  judgements: z.number().int(),
  versions: z.number().int(),
  models: z.number().int(),
  evaluations: z.number().int(),
  runs: z.number().int(),
  uploads: z.number().int(),
  /** Files that nobody else refers to. */
  files: amount,
  /** Files that another project refers to, too: there they stay. */
  sharedFiles: amount,
  /** Runs that have to end before. */
  going: z.array(z.object({ id: z.uuid(), title: z.string() })),
});
export type ProjectContents = z.infer<typeof projectContentsSchema>;
