/** The figures of a task: lm-eval's numbers under its names, and beside each what is needed to read it. */
import { aggregated, aggregationOf, metricsOf, type Scores, type Value } from "./metrics";
import { processOf } from "./process";
import type { Task } from "./task";

export interface Figure {
  readonly metric: string;
  readonly filter: string;
  readonly value: number;
  readonly n: number;
}

export function figuresOf(
  task: Task,
  samples: readonly { readonly filter: string; readonly metrics: Scores }[],
): { results: Record<string, number | "N/A">; figures: Figure[] } {
  const process = task.process_results ? processOf(task.process_results) : null;
  const metrics = metricsOf(task, process?.metrics ?? null);
  const results: Record<string, number | "N/A"> = {};
  const figures: Figure[] = [];
  for (const filter of new Set(samples.map((sample) => sample.filter))) {
    const own = samples.filter((sample) => sample.filter === filter);
    for (const options of metrics) {
      const values = own.map(({ metrics }): Value => metrics[options.metric]);
      const { value, stderr } = aggregated(values, aggregationOf(options), task.bootstrap_iters);
      results[`${options.metric},${filter}`] = value;
      results[`${options.metric}_stderr,${filter}`] = stderr;
      figures.push({ metric: options.metric, filter, value, n: values.length });
    }
  }
  return { results, figures };
}
