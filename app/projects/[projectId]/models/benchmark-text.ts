import { amount } from "@/app/components/units";
import type { BenchmarkContamination, BenchmarkFigure } from "@/db/shape/benchmark";
import { interval } from "@/server/statistics/share";

/** Metrics that are shares of items. */
const shares =
  /^(acc|exact_match|f1|em|pass@|prompt_level|inst_level|win_rate|length_controlled|discrete_win_rate|same_in_both_orders|label_mass|rated|compliance|refusal)/;

/** "61.5 % [48.0, 73.4]"; what is no share as a plain number. */
export function scoreText({
  metric,
  value,
  low,
  high,
}: Pick<BenchmarkFigure, "metric" | "value" | "low" | "high">) {
  if (value === null) return "not defined";
  if (shares.test(metric)) return interval(value, { low, high });
  const text = (one: number) => one.toPrecision(4);
  return text(value) + (low === null || high === null ? "" : ` [${text(low)}, ${text(high)}]`);
}

/** The name of a figure: its metric, and its filter where there is one. */
export const scoreName = ({ metric, filter }: Pick<BenchmarkFigure, "metric" | "filter">) =>
  filter === "none" ? metric : `${metric}, ${filter}`;

/** Each figure of several lists once: kinds of items may have different ones, as what is safe is not refused rightly. */
export const scoresIn = (lists: readonly (readonly BenchmarkFigure[])[]) =>
  lists.flat().filter((figure, place, all) => all.findIndex(sameScore(figure)) === place);

/** The same figure among others. */
export const sameScore =
  (of: Pick<BenchmarkFigure, "metric" | "filter">) =>
  ({ metric, filter }: Pick<BenchmarkFigure, "metric" | "filter">) =>
    metric === of.metric && filter === of.filter;

/** How many items were met in training; a dash where that is not known yet. */
export function metText(contamination: BenchmarkContamination | null): string {
  if (!contamination) return "—";
  return contamination.versions.length === 0 ? "not trained here" : amount(contamination.tainted);
}
