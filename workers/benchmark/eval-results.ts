/**
 * What a model scored, as the Hub reads it from a model's repository: `.eval_results/….yaml`
 * (huggingface.co/docs/hub/eval-results, marked work in progress). It shows what belongs to a data set that is
 * registered as a benchmark, and passes over the rest.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { listBenchmarks } from "../../server/benchmark/benchmark";
import type { Benchmark } from "../../server/benchmark/schema";
import type { Model } from "../../server/model/schema";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";

/**
 * The data set of a suite on the Hub, and how many items make it up: a part of it, a subject say, is no result of it. The
 * task is the suite's name, as lm-eval calls it.
 */
const datasets: Readonly<Record<string, { readonly id: string; readonly items: number }>> = {
  gsm8k: { id: "openai/gsm8k", items: 1319 },
  hellaswag: { id: "Rowan/hellaswag", items: 10_042 },
  humaneval: { id: "openai/openai_humaneval", items: 164 },
  ifeval: { id: "google/IFEval", items: 541 },
  truthfulqa_mc1: { id: "truthfulqa/truthful_qa", items: 817 },
  truthfulqa_mc2: { id: "truthfulqa/truthful_qa", items: 817 },
};

/** A result is of the whole file, in the suite's own setting: any other is another benchmark of the same name. */
const isWhole = ({ asked, finishedAt, figures, documents }: Benchmark) =>
  finishedAt !== null &&
  figures.length > 0 &&
  Object.hasOwn(datasets, asked.suite) &&
  documents === datasets[asked.suite].items &&
  asked.shots === null &&
  asked.fields.trim() === "";

/**
 * The files of a model's results, a benchmark each.
 * @param benchmarks newest first; of one key the newest counts
 */
export function evalResults(benchmarks: readonly Benchmark[]): { name: string; text: string }[] {
  const whole = benchmarks
    .filter(isWhole)
    .filter(({ key }, index, all) => all.findIndex((one) => one.key === key) === index);
  return whole.map(({ asked, name, figures, finishedAt, contamination, key }) => ({
    name: `.eval_results/${asked.suite}-${key.slice(0, 8)}.yaml`,
    text: stringify(
      figures.flatMap(({ metric, filter, value, low, high, interval, n, setting }) =>
        value === null
          ? []
          : [
              {
                dataset: { id: datasets[asked.suite].id, task_id: asked.suite },
                value,
                date: finishedAt?.toISOString().slice(0, 10),
                notes: [
                  `${metric}${filter === "none" ? "" : ` (${filter})`} of ${n} items of ${name}, as a share of 1`,
                  ...(low === null || high === null
                    ? []
                    : [`${low.toFixed(4)} to ${high.toFixed(4)} (${interval})`]),
                  setting,
                  contamination && contamination.versions.length > 0
                    ? `${contamination.tainted} items met in the training rows behind the model`
                    : "no training rows behind the model are known here",
                ].join("; "),
              },
            ],
      ),
    ),
  }));
}

/** Writes them beside what is pushed. */
export async function writeEvalResults(
  { db, folder }: Pick<Work, "db" | "folder">,
  { projectId, id: modelId }: Model,
): Promise<RepositoryFile[]> {
  const files = evalResults(await listBenchmarks(db, { projectId, modelId }));
  return Promise.all(
    files.map(async ({ name, text }) => {
      const path = join(folder, name.replaceAll("/", "-"));
      await writeFile(path, text);
      return { name, path };
    }),
  );
}
