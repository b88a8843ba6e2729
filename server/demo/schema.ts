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
 * Seconds until the machines are done: what the running step says, and what the waiting ones usually take, at the speed
 * that this machine has shown in the steps that are over.
 * @param now in milliseconds
 */
export function secondsLeft({ steps }: Pick<Loop, "steps">, now: number): number {
  const took = ({ run }: Loop["steps"][number]) =>
    run.startedAt && run.finishedAt ? (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000 : 0;
  const over = steps.filter(({ run }) => run.status === "succeeded");
  const usual = (some: Loop["steps"]) => some.reduce((sum, { usualSeconds }) => sum + usualSeconds, 0);
  // A short step says little of a machine's speed.
  const measured = usual(over);
  const pace = measured > 10 ? over.reduce((sum, step) => sum + took(step), 0) / measured : 1;
  return steps.reduce((sum, { run, usualSeconds }) => {
    if (run.status === "succeeded") return sum;
    if (run.status !== "running") return sum + usualSeconds * pace;
    const since = run.startedAt ? (now - run.startedAt.getTime()) / 1000 : 0;
    return sum + (run.progress?.secondsLeft ?? Math.max(1, usualSeconds * pace - since));
  }, 0);
}
