/** Scorers of their own: for tasks whose figures are more than whether an answer is the target. */
import { metricsOf, rightShare } from "./metrics";
import { strictShare } from "./strict";
import { alpacaEvalProcess } from "./suites/alpaca-eval";
import { bbqProcess } from "./suites/bbq";
import { humanevalProcess } from "./suites/humaneval";
import { ifevalProcess } from "./suites/ifeval";
import { mtBenchProcess } from "./suites/mt-bench";
import type { Process } from "./suites/suite";
import { tatqaProcess } from "./suites/tatqa";
import { labelsOf } from "./suites/truthfulqa";
import { xstestProcess } from "./suites/xstest";
import type { MetricOptions, processes, Task } from "./task";

const all: Readonly<Record<(typeof processes)[number], Process>> = {
  alpaca_eval: alpacaEvalProcess,
  bbq: bbqProcess,
  humaneval: humanevalProcess,
  ifeval: ifevalProcess,
  mt_bench: mtBenchProcess,
  tatqa: tatqaProcess,
  xstest: xstestProcess,
  mc2: {
    metrics: ["acc"],
    ofChoices: (document, { scored }) => ({ acc: rightShare(scored, labelsOf(document)) }),
    strictOfChoices: (document, item) => ({ acc: strictShare(item, labelsOf(document)) }),
  },
};

/**
 * What a task's documents are scored by.
 * @returns its own scorer where it has one, and its metrics
 * @throws InputError naming a metric that it does not have
 */
export function scoringOf(task: Pick<Task, "process_results" | "metric_list" | "output_type">): {
  process: Process | null;
  metrics: MetricOptions[];
} {
  const process = task.process_results ? all[task.process_results] : null;
  return { process, metrics: metricsOf(task, process?.metrics ?? null) };
}
