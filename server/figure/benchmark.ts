import type { Figure } from "./figure";

const figure = (name: string) => `benchmark.list [].figures[].${name}`;
const part = (which: string) =>
  ["value", "n", "clusters", "low", "high", "cut", "strict.value", "strict.failed", "strict.ties"].map(
    (name) => `benchmark.list [].contamination.${which}[].${name}`,
  );

/** Figures of models on benchmarks. */
export const benchmarkFigures = {
  benchmarkFigure: {
    name: "Score on a benchmark",
    is: "The metric over all items, by lm-evaluation-harness's names and rules: acc is the share of items whose right choice is the likeliest, acc_norm the same by log-likelihood a character, exact_match the share of answers that are the expected one after the filter. Two models are compared only in the same setting on the same items.",
    counts:
      "Each item that was asked about, once. An item whose prompt was too long was asked without its beginning; how many those are stands beside.",
    leftOut:
      "Nothing. An item that failed has the score that lm-eval gives it; our strict score counts it as wrong, shares the credit of ties and reads an answer as a reader would.",
    interval:
      "95 %: Wilson's of a share of independent items; where items share a passage or a prompt, the sandwich by these clusters; else percentiles of 2,000 bootstrap draws of clusters. None of one cluster.",
    by: "server/benchmark/figures.ts figuresOf",
    fields: [
      ...["value", "n", "clusters", "low", "high", "cut"].map(figure),
      ...["value", "failed", "ties"].map((name) => figure(`strict.${name}`)),
      "benchmark.list [].documents",
    ],
    query: `select b.id as "benchmarkId", avg(i.score) as value, count(*) as n, count(distinct i.cluster) as clusters,
  count(*) filter (where i.cut) as cut
from benchmark b join benchmark_item i on i.benchmark_id = b.id
where b.project_id = :project and b.finished_at is not null group by b.id`,
  },
  benchmarkContamination: {
    name: "Items met in training",
    is: "Items with a text that stands in rows that the model, or one it was made from, was trained on here: a run of 13 words (GPT-3's rule), at least 70 % of their runs of 8 words (PaLM's), or a whole text. The scores of clean and of tainted items stand apart; a higher score on tainted ones is what was learnt by heart.",
    counts:
      "Rows of the training split of every version behind the model, all their texts; each item once, however often it is met. By version an item may count in several.",
    leftOut:
      "Held-out rows, and what a base model read before it came here: nobody can look into that. Texts of fewer than 4 words alone say nothing.",
    interval: "As of the score.",
    by: "server/benchmark/contamination.ts contamination",
    fields: [
      ...["n", "tainted", "gram13", "share8", "exact"].flatMap((name) => [
        `benchmark.list [].contamination.${name}`,
        `benchmark.list [].contamination.versions[].${name}`,
      ]),
      ...part("clean"),
      ...part("dirty"),
    ],
    query: `select b.id as "benchmarkId", count(*) as n, count(i.taint) as tainted,
  count(*) filter (where (i.taint->>'gram13')::boolean) as gram13, count(*) filter (where (i.taint->>'exact')::boolean) as exact
from benchmark b join benchmark_item i on i.benchmark_id = b.id
where b.project_id = :project and b.finished_at is not null group by b.id`,
  },
  benchmarkTime: {
    name: "Time it took",
    is: "Seconds from opening the model to the last answer, over all attempts.",
    counts: "Attempts that were broken off, too.",
    leftOut: "Waiting for a worker, and fetching the model.",
    interval: null,
    by: "server/benchmark/benchmark.ts noteAttempt",
    fields: ["benchmark.list [].seconds"],
    query: `select id as "benchmarkId", seconds from benchmark where project_id = :project and finished_at is not null`,
  },
} as const satisfies Record<string, Figure>;
