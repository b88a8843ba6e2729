/** Learning rates by step, as transformers' get_scheduler gives them. Steps count from 0. */
import type { RunSpec } from "../spec/spec";

/** Steps of linear warm-up; a setting below 1 is a share of all steps, rounded up. */
function warmupSteps(setting: number, steps: number): number {
  return setting < 1 ? Math.ceil(setting * steps) : setting;
}

/** The factor on the peak learning rate in step `step` of `steps`. */
export function rateFactor(
  { lr_scheduler_type, warmup_steps }: Pick<RunSpec, "lr_scheduler_type" | "warmup_steps">,
  step: number,
  steps: number,
): number {
  if (lr_scheduler_type === "constant") return 1;
  const warmup = warmupSteps(warmup_steps, steps);
  if (step < warmup) return step / Math.max(1, warmup);
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  switch (lr_scheduler_type) {
    case "constant_with_warmup":
      return 1;
    case "linear":
      return Math.max(0, 1 - progress);
    case "cosine":
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
