/** One optimizer step: gradients of all its micro-batches, clipping, AdamW. */

import { EngineError } from "../errors";
import { seeded } from "../random";
import { checkpointSteps } from "./checkpoint";
import { adamW, addScaled, clipFactor, globalNorm } from "./optimizer";
import type { Run } from "./run";
import type { Measured, Runner } from "./runner";
import { rateFactor } from "./schedule";

export interface StepResult {
  readonly loss: number;
  /** Norm of all gradients, before clipping. */
  readonly gradNorm: number;
  /** The rate applied in this step. */
  readonly learningRate: number;
  /** The micro-batches' metrics. */
  readonly metrics: readonly Measured["metrics"][];
  /** Tokens, as TRL counts them. */
  readonly tokens: number;
  readonly seconds: number;
}

/**
 * Takes step `step` (from 0) of the run.
 * @throws EngineError when the loss or the gradient is not finite; nothing has changed then.
 */
export async function takeStep(run: Run, runner: Runner, step: number): Promise<StepResult> {
  const { spec, plan, objective, weights } = run;
  const { trainables } = weights;
  const started = performance.now();

  const group = plan.group(step);
  const share = 1 / group.reduce((total, indices) => total + objective.weight(indices), 0);
  const random = seeded(spec.seed, "dropout", step);
  const metrics: Measured["metrics"][] = [];
  let loss = 0;
  for (const { gradient } of trainables) gradient.fill(0);
  for (const indices of group) {
    const measured = await runner.step(indices, trainables, random);
    loss += share * measured.loss;
    metrics.push(measured.metrics);
    for (const { name, gradient } of trainables) addScaled(gradient, measured.gradient(name), share);
  }
  const gradNorm = globalNorm(trainables);
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw diverged(run, step, loss);

  const learningRate = spec.learning_rate * rateFactor(spec, step, plan.steps);
  const clip = clipFactor(gradNorm, spec.max_grad_norm);
  for (const parameter of trainables) {
    adamW(parameter, clip, step + 1, {
      learningRate,
      beta1: spec.adam_beta1,
      beta2: spec.adam_beta2,
      epsilon: spec.adam_epsilon,
      weightDecay: spec.weight_decay,
    });
  }
  const tokens = group.flat().reduce((total, index) => total + objective.tokens(index), 0);
  return { loss, gradNorm, learningRate, metrics, tokens, seconds: (performance.now() - started) / 1000 };
}

function diverged({ spec, plan, objective }: Run, step: number, loss: number): EngineError {
  const rows = plan.group(step).flatMap((indices) => indices.map((index) => objective.lines[index]));
  const kept = checkpointSteps(spec.output).at(-1);
  const goOn =
    kept === undefined
      ? "No checkpoint was due before it: lower learning_rate or look at these rows, then start again."
      : `The checkpoint of step ${kept} is kept: lower learning_rate or look at these rows, then continue with --resume.`;
  return new EngineError(
    `The ${Number.isFinite(loss) ? "gradient" : "loss"} is not a finite number in step ${step + 1} (rows ${rows.join(", ")} of ${spec.train}). ${goOn}`,
  );
}
