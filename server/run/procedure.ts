import { z } from "zod";
import { reviewer } from "../trpc";
import { getRun } from "./run";

export const byRun = z.object({ runId: z.uuid() });

/** Reads something of one run of the project: another project's run is not found. */
export const ofRun = reviewer.input(byRun).use(async ({ ctx, input, next }) => {
  await getRun(ctx.db, { projectId: ctx.projectId, runId: input.runId });
  return next();
});
