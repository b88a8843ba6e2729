/** The figures of a task: lm-eval's numbers under its names, and beside each what is needed to read it. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { placesBy } from "../group";
import { clusteredShare } from "../statistics/clustered-share";
import { wilsonInterval } from "../statistics/wilson";
import { type Aggregation, aggregated, aggregationOf, type Scores, type Value } from "./metrics";
import { scoringOf } from "./process";
import { PythonRandom } from "./python/random";
import type { Strict } from "./strict";
import type { Task } from "./task";

/** A document's scores under one filter. */
export interface Scored {
  readonly id: number;
  readonly filter: string;
  readonly metrics: Scores;
  /** By metric, our own stricter score where there is one. */
  readonly strict: Readonly<Record<string, Strict>>;
  /** What the document belongs to: documents of one cluster are not independent. */
  readonly cluster: string;
  /** Whether the model read the prompt without its beginning, as it is too long. */
  readonly cut: boolean;
}

export interface Figure {
  readonly metric: string;
  readonly filter: string;
  readonly value: number;
  /** sd(n − 1)/√n of a mean, as lm-eval has it, or of bootstrap draws. */
  readonly stderr: number | "N/A";
  /** Documents, and independent clusters of them. */
  readonly n: number;
  readonly clusters: number;
  /** 95 %. */
  readonly low: number | null;
  readonly high: number | null;
  readonly interval: string;
  /** A failed item counts as wrong, ties share the credit, answers are read as a reader would. */
  readonly strict: { readonly value: number; readonly failed: number; readonly ties: number } | null;
  /** Prompts of which the model did not read the beginning. */
  readonly cut: number;
  /** What the figure hangs on: no two with different words are to be compared. */
  readonly setting: string;
}

/**
 * The figures of a task over its documents, as lm-eval computes them and with what it takes to read them.
 * @returns `results` by lm-eval's names; a figure for each metric and filter, intervals at 95 %
 */
export function figuresOf(
  task: Task,
  scored: readonly Scored[],
): { results: Record<string, number | "N/A">; figures: Figure[] } {
  const { metrics } = scoringOf(task);
  const results: Record<string, number | "N/A"> = {};
  const figures: Figure[] = [];
  for (const filter of new Set(scored.map((one) => one.filter))) {
    const own = scored.filter((one) => one.filter === filter);
    for (const options of metrics) {
      const { metric } = options;
      // A metric may be of some documents only: bias where the context tells, refusals of what is unsafe.
      const counted = own.filter(({ metrics }) => metrics[metric] !== undefined);
      if (counted.length === 0) continue;
      const values = counted.map(({ metrics }): Value => metrics[metric]);
      const aggregation = aggregationOf(options);
      const { value, stderr } = aggregated(values, aggregation, task.bootstrap_iters);
      results[`${metric},${filter}`] = value;
      results[`${metric}_stderr,${filter}`] = stderr;
      const clusters = counted.map(({ cluster }) => cluster);
      const strict = counted.flatMap((one) => one.strict[metric] ?? []);
      figures.push({
        metric,
        filter,
        value,
        stderr,
        n: values.length,
        clusters: new Set(clusters).size,
        ...intervalOf(values, clusters, aggregation),
        strict: strict.length === counted.length ? strictFigure(strict) : null,
        cut: counted.filter(({ cut }) => cut).length,
        setting: settingOf(task, filter),
      });
    }
  }
  return { results, figures };
}

function strictFigure(strict: readonly Strict[]) {
  const count = (is: (one: Strict) => boolean) => strict.filter(is).length;
  return {
    value: strict.reduce((total, { credit }) => total + credit, 0) / strict.length,
    failed: count(({ failed }) => failed),
    ties: count(({ tied }) => tied),
  };
}

const draws = 2000;

/** Of a share Wilson's, or by clusters the sandwich's; of anything else the middle 95 % of draws of clusters. */
function intervalOf(values: readonly Value[], clusters: readonly string[], { of, error }: Aggregation) {
  const groups = [...placesBy(clusters, (cluster) => cluster).values()];
  if (groups.length < 2)
    return { low: null, high: null, interval: "none: one cluster says nothing of others" };
  const numbers = values.map(Number);
  if (error === "mean" && numbers.every((value) => value === 0 || value === 1)) {
    const count = numbers.reduce((total: number, value) => total + value, 0);
    if (groups.length === values.length) {
      const { low, high } = wilsonInterval(count, values.length);
      return { low, high, interval: "95 %, Wilson" };
    }
    const { low, high, method } = clusteredShare(
      groups.map((group) => ({
        of: group.length,
        count: group.reduce((total, index) => total + numbers[index], 0),
        clusters: 1,
      })),
    );
    return { low, high, interval: `95 %, clustered (${method})` };
  }
  const figure = of(values);
  const random = new PythonRandom(1234);
  const times = new Int32Array(values.length);
  const found: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0);
    for (let i = 0; i < groups.length; i++)
      for (const index of groups[random.index(groups.length)]) times[index]++;
    const value = figure(times);
    if (!Number.isNaN(value)) found.push(value);
  }
  if (found.length < draws / 2)
    return { low: null, high: null, interval: "none: most bootstrap draws have no value" };
  found.sort((a, b) => a - b);
  const at = (share: number) => found[Math.round(share * (found.length - 1))];
  return { low: at(0.025), high: at(0.975), interval: `95 %, percentiles of ${draws} draws of clusters` };
}

function settingOf(task: Task, filter: string): string {
  const { num_fewshot, fewshot_config, fewshot_seed, apply_chat_template, output_type } = task;
  const judge = scoringOf(task).process?.ofJudged ? task.judge : undefined;
  const template = [
    task.description,
    task.doc_to_text,
    task.doc_to_choice ?? null,
    task.doc_to_target,
    task.target_delimiter,
    task.fewshot_delimiter,
    task.gen_prefix ?? null,
    task.system_instruction ?? null,
  ];
  const hash = createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 12);
  const drawn = fewshot_config.sampler === "first_n" ? "first of the split" : `seed ${fewshot_seed}`;
  return [
    output_type,
    num_fewshot === 0 ? "no shots" : `${num_fewshot} ${num_fewshot === 1 ? "shot" : "shots"} (${drawn})`,
    `template ${hash}`,
    `filter ${filter}`,
    ...(apply_chat_template ? ["chat template"] : []),
    ...(judge ? [`judge ${judge.name ?? basename(judge.model)}`] : []),
  ].join(" · ");
}
