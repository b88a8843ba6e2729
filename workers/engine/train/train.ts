/** The training loop. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../errors";
import { makeFolder, writeText } from "../file/files";
import type { Objective } from "../objective";
import { inBatches } from "../rows/batches";
import type { RunSpec } from "../spec/spec";
import { summarizeDrops } from "../tokenize/dataset";
import { loadCheckpointWeights, type Progress, resumeFrom, saveCheckpoint } from "./checkpoint";
import { eventsFile, type HeldOut, rewindEvents, writeEvent } from "./events";
import { referenceFolder } from "./reference-file";
import { saveResult } from "./result";
import { openRun, openRunner, type Run } from "./run";
import type { Runner, Total } from "./runner";
import { takeStep } from "./step";
import { Window } from "./window";

export interface TrainOptions {
  /** Continue from the newest checkpoint in the output directory. */
  readonly resume: boolean;
  /** Take no further step: write the weights of the newest checkpoint as the result. */
  readonly finish?: boolean;
  /** Asked after every step: true saves a checkpoint and ends the run. */
  readonly shouldStop: () => boolean;
  /** Told after every step. */
  readonly onStep: (status: StepStatus) => void;
  /** Told what happens besides, one sentence each. */
  readonly onMessage: (message: string) => void;
}

export interface StepStatus {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Tokens of this step, as TRL counts them, and the seconds it took. */
  readonly tokens: number;
  readonly seconds: number;
}

/** Milliseconds between two lines about the reference's scoring. */
const ANNOUNCE_EVERY = 15_000;

/**
 * Trains as `spec` says; writes events, checkpoints and the trained weights under `spec.output`.
 * @returns whether all steps were done, or the run was stopped before.
 * @throws EngineError for bad input, before anything is written, and when the loss is not finite.
 */
export async function train(spec: RunSpec, options: TrainOptions): Promise<"done" | "stopped"> {
  const run = openRun(spec);
  const resumed = options.resume ? resumeFrom(spec.output, run.weights) : null;
  refuseOtherRows(run, resumed);
  beginOutput(run, resumed);
  try {
    return await loop(run, resumed, options);
  } catch (error) {
    if (error instanceof EngineError) {
      writeEvent(spec.output, { type: "log", level: "error", message: error.message });
    }
    throw error;
  }
}

async function loop(run: Run, resumed: Progress | null, options: TrainOptions): Promise<"done" | "stopped"> {
  const { spec, plan, objective, evalObjective, weights } = run;
  const { output } = spec;
  const log = (message: string, level: "info" | "warning" = "info") => {
    writeEvent(output, { type: "log", level, message });
    options.onMessage(message);
  };
  if (options.resume)
    log(resumed ? `Resumed after step ${resumed.step}.` : "There is no checkpoint yet: starting at step 1.");
  for (const warning of warningsOf(run)) log(warning, "warning");
  log(run.fitted.message);
  writeEvent(output, { type: "log", level: "info", message: `${plan.steps} steps.`, steps: plan.steps });

  const open = (set: Objective) => openRunner(run, set, announcer(set, options));
  const runner = await open(objective);
  const evalRunner = evalObjective && (await open(evalObjective));
  if (!runner || (evalObjective && !evalRunner)) {
    log("Stopped before the first step.");
    return "stopped";
  }
  const progress: Progress = resumed ?? newProgress(run);
  const window = new Window(progress.window);
  const evaluation = async () => {
    if (!evalObjective || !evalRunner) return;
    const { metrics, held_out } = await evaluate(run, evalObjective, evalRunner);
    const epoch = progress.step === 0 ? 0 : plan.epochAfter(progress.step - 1);
    writeEvent(output, { type: "eval", step: progress.step, epoch, ...metrics, held_out });
    judge(spec, progress, metrics);
  };
  const checkpoint = () => {
    const path = saveCheckpoint(
      output,
      weights,
      { ...progress, window: window.save() },
      spec.save_total_limit,
    );
    writeEvent(output, { type: "checkpoint", step: progress.step, path });
  };
  const isOver = () => options.finish || progress.step >= plan.steps || isPatienceSpent(spec, progress);

  if (spec.eval_on_start && progress.step === 0) await evaluation();
  let stopped = false;
  while (!stopped && !isOver()) {
    const { loss, gradNorm, learningRate, metrics, tokens, seconds } = await takeStep(
      run,
      runner,
      progress.step,
    );
    progress.step++;
    progress.tokens += tokens;
    progress.seconds += seconds;
    window.add("loss", loss);
    for (const measured of metrics) window.addAll(measured);
    if (progress.step % spec.logging_steps === 0 || progress.step === plan.steps) {
      const { loss: meanLoss, ...means } = window.means();
      writeEvent(output, {
        type: "metrics",
        step: progress.step,
        epoch: plan.epochAfter(progress.step - 1),
        loss: meanLoss,
        grad_norm: gradNorm,
        learning_rate: learningRate,
        ...means,
        num_tokens: progress.tokens,
      });
      window.clear();
    }
    options.onStep({ step: progress.step, steps: plan.steps, loss, tokens, seconds });

    stopped = options.shouldStop() && progress.step < plan.steps;
    if (!stopped && spec.eval_steps !== null && progress.step % spec.eval_steps === 0) await evaluation();
    const isBest = spec.load_best_model_at_end && progress.best?.step === progress.step;
    if (stopped || isOver() || isBest || progress.step % spec.save_steps === 0) checkpoint();
  }

  if (stopped) {
    log(`Stopped after step ${progress.step}; continue with --resume.`);
  } else {
    if (spec.eval_steps === null || progress.step % spec.eval_steps !== 0) await evaluation();
    const best = spec.load_best_model_at_end ? progress.best : null;
    if (best) loadCheckpointWeights(output, best.step, weights);
    const { step, seconds, tokens } = progress;
    const weights_step = best?.step ?? step;
    saveResult(run, weights_step);
    writeEvent(output, {
      type: "done",
      step,
      weights_step,
      seconds,
      tokens,
      peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    });
  }
  await runner.release();
  await evalRunner?.release();
  return stopped ? "stopped" : "done";
}

/** What of the files and the model the run leaves aside, a sentence each. */
function warningsOf({ spec, weights, dropped, spelling, parted }: Run): string[] {
  const rates = Object.values(weights.model.config.dropout);
  return [
    ...dropped.map(
      ({ file, rows }) => `${file}: dropped ${summarizeDrops(rows)}; see ${droppedFile(spec.output)}.`,
    ),
    ...parted.map(({ file, rows: [first, ...more] }) => {
      const which =
        more.length === 0 ? `row ${first}` : `${more.length + 1} rows, the first of them ${first},`;
      return `${file}: in ${which} the tokens of the prompt do not begin those of prompt and answer, because the chat template writes a prompt alone differently or because tokens merge where the two meet. As in TRL the answer begins where they part, so it is learnt after a beginning that differs from what the model is given to answer.`;
    }),
    ...spelling.map(({ file, rows: [first, ...more] }) => {
      const which =
        more.length === 0
          ? `row ${first} spells`
          : `${more.length + 1} rows, the first of them ${first}, spell`;
      return `${file}: ${which} a special token in their text; it is read as that token, as by transformers.`;
    }),
    ...(spec.method === "sft" && rates.some((rate) => rate > 0)
      ? ["The model's own dropout is not applied; lora_dropout is."]
      : []),
  ];
}

/** Tells now and then how far the reference's scoring is, and whether it shall go on. */
function announcer({ trees }: Objective, { onMessage, shouldStop }: TrainOptions) {
  const start = performance.now();
  let told = start;
  return (done: number): boolean => {
    if (done === 0) onMessage(`Scoring ${trees.length} rows with the reference model.`);
    if (performance.now() - told > ANNOUNCE_EVERY) {
      told = performance.now();
      const minutes = (((told - start) / done) * (trees.length - done)) / 60_000;
      onMessage(`Scored ${done} of ${trees.length} rows, ${minutes.toFixed(0)} min left.`);
    }
    return !shouldStop();
  };
}

/** The share of pairs whose better answer is scored higher, as preference and as reward runs call it. */
const shareRight = ["rewards/accuracies", "accuracy"];

/**
 * Loss (mean over rows of their batch's loss) and metrics (mean over batches), as transformers and TRL take them; and
 * what was counted, whose means weigh every row the same.
 */
async function evaluate(
  { spec, weights, examples, dropped }: Run,
  objective: Objective,
  runner: Runner,
): Promise<{ metrics: { eval_loss: number; [metric: string]: number }; held_out: HeldOut }> {
  const rows = objective.trees.map((_, index) => index);
  const metrics = new Window();
  const totals = new Map<string, Total>();
  let loss = 0;
  for (const indices of inBatches(rows, spec.per_device_eval_batch_size)) {
    const measured = await runner.evaluate(indices, weights.trainables);
    loss += (measured.loss / objective.weight(indices)) * (indices.length / rows.length);
    metrics.addAll(measured.metrics);
    for (const [name, { sum, count }] of measured.totals) {
      const before = totals.get(name) ?? { sum: 0, count: 0 };
      totals.set(name, { sum: before.sum + sum, count: before.count + count });
    }
  }
  const named = Object.entries(metrics.means()).map(([name, value]) => [`eval_${name}`, value]);
  const pairs = shareRight.map((name) => totals.get(name)).find((total) => total !== undefined);
  return {
    metrics: { eval_loss: loss, ...Object.fromEntries(named) },
    held_out: {
      scored: examples.eval ?? rows.length,
      dropped: dropped.find(({ file }) => file === spec.eval)?.rows.length ?? 0,
      ...(pairs && { right: pairs.sum, compared: pairs.count }),
      means: meansOf(totals),
    },
  };
}

function meansOf(totals: ReadonlyMap<string, Total>): Record<string, number> {
  const means = Object.fromEntries([...totals].map(([name, { sum, count }]) => [name, sum / count]));
  const { "rewards/chosen": chosen, "rewards/rejected": rejected } = means;
  // KTO's good and bad answers are no pairs, their distance is that of the two means.
  return chosen === undefined || rejected === undefined || "rewards/margins" in means
    ? means
    : { ...means, "rewards/margins": chosen - rejected };
}

/** Notes whether this evaluation is the best so far. */
function judge(spec: RunSpec, progress: Progress, metrics: Readonly<Record<string, number>>): void {
  const { metric_for_best_model: name, early_stopping_threshold: threshold } = spec;
  const value = metrics[name.startsWith("eval_") ? name : `eval_${name}`];
  if (value === undefined) {
    throw new EngineError(
      `metric_for_best_model: there is no ${name}; an evaluation gives ${Object.keys(metrics).join(", ")}.`,
    );
  }
  const larger = spec.greater_is_better ?? !name.endsWith("loss");
  const gain =
    progress.best === null ? Number.POSITIVE_INFINITY : (value - progress.best.value) * (larger ? 1 : -1);
  progress.evaluationsWithoutGain = gain > threshold ? 0 : progress.evaluationsWithoutGain + 1;
  if (gain > 0) progress.best = { step: progress.step, value };
}

const isPatienceSpent = (
  { early_stopping_patience: patience }: RunSpec,
  { evaluationsWithoutGain }: Progress,
) => patience !== null && evaluationsWithoutGain >= patience;

const newProgress = ({ objective, rowsHash }: Run): Progress => ({
  step: 0,
  tokens: 0,
  seconds: 0,
  rows: objective.trees.length,
  rowsHash,
  window: {},
  best: null,
  evaluationsWithoutGain: 0,
});

const droppedFile = (output: string) => join(output, "dropped.jsonl");

/** A resumed run goes on where its checkpoint lies; a new one takes the place of an older. */
function beginOutput({ spec: { output }, dropped }: Run, resumed: Progress | null): void {
  makeFolder(output);
  if (resumed) {
    rewindEvents(output, resumed.step);
    return;
  }
  const folders = [join(output, "checkpoints"), referenceFolder(output), join(output, "output")];
  for (const old of [eventsFile(output), ...folders]) {
    rmSync(old, { recursive: true, force: true });
  }
  const lines = dropped.flatMap(({ file, rows }) =>
    rows.map((row) => `${JSON.stringify({ file, ...row })}\n`),
  );
  writeText(droppedFile(output), lines.join(""));
}

function refuseOtherRows({ objective, rowsHash, spec }: Run, resumed: Progress | null): void {
  if (resumed === null) return;
  if (resumed.rows === objective.trees.length) {
    if ((resumed.rowsHash ?? rowsHash) === rowsHash) return;
    throw new EngineError(
      `${spec.train} gives other rows than ${spec.output} was trained on, as many as they are: a run resumes only on the rows it began with.`,
    );
  }
  throw new EngineError(
    `${spec.output} was trained on ${resumed.rows} rows and ${spec.train} now gives ${objective.trees.length}: a run resumes only on the rows it began with.`,
  );
}
