import { z } from "zod";
import { addModelSchema } from "../model/schema";
import { runSchema } from "../run/schema";

/** What the loop begins with: a small model made here, or one that somebody trained. */
export const loopBaseSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("new") }),
  z.object({ kind: z.literal("trained"), source: addModelSchema.shape.source }),
]);
export type LoopBase = z.infer<typeof loopBaseSchema>;

/** The steps of the loop that machines do, in their order; each waits for the one before. */
export const loopSteps = ["freeze", "new_model", "sft", "reward", "preference", "evaluate"] as const;
export type LoopStep = (typeof loopSteps)[number];

export const loopSchema = z.object({
  steps: z.array(
    z.object({
      step: z.enum(loopSteps),
      run: runSchema,
      /** What it takes on two quiet cores, measured; the estimate before anything has run. */
      usualSeconds: z.number(),
    }),
  ),
  /** The models by the step that makes them; the base first. They exist once their steps are done. */
  models: z.object({ base: z.uuid(), sft: z.uuid(), reward: z.uuid(), preference: z.uuid() }),
});
export type Loop = z.infer<typeof loopSchema>;

/**
 * Seconds until the machines are done: what the waiting steps usually take, at the speed that this machine shows in the
 * steps that are over and in the one that runs, and what that one says of itself.
 * @param now in milliseconds
 */
export function secondsLeft({ steps }: Pick<Loop, "steps">, now: number): number {
  const times = steps.map(({ run, usualSeconds }) => {
    const since = run.startedAt ? ((run.finishedAt?.getTime() ?? now) - run.startedAt.getTime()) / 1000 : 0;
    if (run.status === "succeeded") return { usualSeconds, whole: since, left: 0 };
    const left = run.status === "running" ? run.progress?.secondsLeft : undefined;
    return left === undefined ? { usualSeconds } : { usualSeconds, whole: since + left, left };
  });
  const known = times.filter(({ whole }) => whole !== undefined);
  const usual = known.reduce((sum, { usualSeconds }) => sum + usualSeconds, 0);
  // A short step says little of a machine's speed.
  const pace = usual > 10 ? known.reduce((sum, { whole = 0 }) => sum + whole, 0) / usual : 1;
  return times.reduce((sum, { usualSeconds, left }) => sum + (left ?? usualSeconds * pace), 0);
}
