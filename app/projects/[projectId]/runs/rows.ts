import { runKinds } from "@/db/shape/run-kinds";
import type { RunRow } from "@/server/run/schema";
import { distinctNames } from "./distinct-names";
import { flatOptions, numberIn } from "./options";

/** A run as the table shows it. */
export interface Row extends Omit<RunRow, "options"> {
  /** No other run of the table bears it. */
  name: string;
  /** Options by name, as text. */
  options: ReadonlyMap<string, string>;
}

export function rowsOf(runs: readonly RunRow[]): Row[] {
  const known = runs.map(({ options, ...run }) => ({ ...run, options: flatOptions(options) }));
  const names = distinctNames(known);
  return known.map((run) => ({ ...run, name: names.get(run.id) ?? run.title }));
}

/** Columns are called by what every run has, such as `status`, by an option or by a metric: `option.learning_rate`, `metric.loss`. */
export const optionOf = (column: string) => (column.startsWith("option.") ? column.slice(7) : null);
export const metricOf = (column: string) => (column.startsWith("metric.") ? column.slice(7) : null);

export const secondsOf = ({ startedAt, finishedAt }: Pick<Row, "startedAt" | "finishedAt">) =>
  startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1000 : null;

/** What a run has in a column, to be sorted, grouped and searched by; null where it has nothing. */
export function cellOf(row: Row, column: string): string | number | null {
  const option = optionOf(column);
  if (option !== null) {
    const text = row.options.get(option);
    return text ? numberIn(text) : null;
  }
  const metric = metricOf(column);
  if (metric !== null) return row.metrics[metric] ?? null;
  switch (column) {
    case "name":
      return row.name;
    case "kind":
      return runKinds[row.kind].title;
    case "status":
      return row.status;
    case "model":
      return row.model;
    case "dataset":
      return row.dataset;
    case "tags":
      return row.tags.join(", ") || null;
    case "note":
      return row.note || null;
    case "took":
      return secondsOf(row);
    case "started":
      return (row.startedAt ?? row.createdAt).getTime();
    default:
      return null;
  }
}

/** Ascending, numbers before texts; a run without a value comes last in either direction. */
export function sorted(rows: readonly Row[], column: string, direction: "asc" | "desc"): Row[] {
  const sign = direction === "asc" ? 1 : -1;
  return rows
    .map((row) => ({ row, value: cellOf(row, column) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      if (typeof a.value === "number" && typeof b.value === "number") return sign * (a.value - b.value);
      if (typeof a.value === "number") return -sign;
      if (typeof b.value === "number") return sign;
      return sign * a.value.localeCompare(b.value, "en", { numeric: true });
    })
    .map(({ row }) => row);
}

/** One word of a search: a comparison such as `eval_loss<1.5`, or letters. */
const comparison = /^([\w./]+)(<=|>=|=|<|>)(.+)$/;

/** Names in the comparisons of a search: metrics among them have to be asked for. */
export const comparedNames = (search: string): string[] =>
  wordsOf(search).flatMap((word) => comparison.exec(word)?.[1] ?? []);

const wordsOf = (search: string) => search.split(/\s+/).filter(Boolean);

/**
 * Whether a run has all words of a search: letters in its name, note, tags, model, dataset or options, or a comparison
 * of an option or of a metric's last value. A run that has no such value does not match.
 */
export function matches(row: Row, search: string): boolean {
  const text = [
    row.name,
    row.title,
    row.note,
    ...row.tags,
    row.model ?? "",
    row.dataset ?? "",
    ...[...row.options].map(([name, value]) => `${name} ${value}`),
  ]
    .join("\n")
    .toLowerCase();
  return wordsOf(search).every((word) => {
    const [, name, sign, wanted] = comparison.exec(word) ?? [];
    if (name === undefined) return text.includes(word.toLowerCase());
    const value = cellOf(row, `option.${name}`) ?? cellOf(row, `metric.${name}`);
    if (value === null) return false;
    const bound = numberIn(wanted);
    if (sign === "=") return String(value) === String(bound);
    if (typeof value !== "number" || typeof bound !== "number") return false;
    return (
      { "<": value < bound, ">": value > bound, "<=": value <= bound, ">=": value >= bound }[sign] ?? false
    );
  });
}
