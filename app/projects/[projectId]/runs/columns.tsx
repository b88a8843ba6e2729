import Link from "next/link";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import type { ColumnOffer } from "@/app/components/table/column-chooser";
import type { Column } from "@/app/components/table/data-table";
import { heldOutLossOf, LossBadge } from "@/app/components/training/learnt";
import { Badge } from "@/app/components/ui/badge";
import { duration } from "@/app/components/units";
import { runKinds } from "@/db/shape/run-kinds";
import { metricOf, optionOf, type Row, secondsOf } from "./rows";

/** What every run has, beside its name. */
const fixed: Readonly<Record<string, Omit<Column<Row>, "id">>> = {
  kind: { header: "Kind", width: "w-36", wideOnly: true, cell: ({ kind }) => runKinds[kind].title },
  status: {
    header: "Status",
    width: "w-56",
    cell: (run) =>
      run.progress && !isOver(run) ? (
        <RunProgressLine title={run.title} progress={run.progress} />
      ) : (
        <span title={run.error ?? undefined}>
          <RunBadge status={run.status} /> <LossBadge course={heldOutLossOf(run.result)} />{" "}
          {run.error && <span className="text-xs text-bad">{run.error}</span>}
        </span>
      ),
  },
  model: { header: "From model", width: "w-44", wideOnly: true, cell: ({ model }) => model },
  dataset: { header: "Dataset", width: "w-44", wideOnly: true, cell: ({ dataset }) => dataset },
  tags: {
    header: "Tags",
    width: "w-40",
    wideOnly: true,
    cell: ({ tags }) => (
      <span className="flex gap-1">
        {tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </span>
    ),
  },
  note: {
    header: "Note",
    width: "w-64",
    wideOnly: true,
    cell: ({ note }) => (
      <span dir="auto" title={note}>
        {note}
      </span>
    ),
  },
  took: {
    header: "Took",
    width: "w-28",
    numeric: true,
    wideOnly: true,
    cell: (run) => {
      const seconds = secondsOf(run);
      return seconds === null ? "" : duration(seconds);
    },
  },
  started: {
    header: "Started",
    width: "w-44",
    wideOnly: true,
    cell: ({ startedAt, createdAt }) => (
      <time dateTime={(startedAt ?? createdAt).toISOString()} suppressHydrationWarning className="text-muted">
        {(startedAt ?? createdAt).toLocaleString()}
      </time>
    ),
  },
};

/** The columns of the table: the run's name, then those that were chosen. */
export const columnsOf = (projectId: string, chosen: readonly string[]): Column<Row>[] => [
  {
    id: "name",
    header: "Run",
    width: "w-44 md:w-96",
    sortable: true,
    cell: (run) => (
      <Link
        href={`/projects/${projectId}/runs/${run.id}`}
        prefetch={false}
        title={run.name}
        className="font-medium hover:underline"
      >
        {run.name}
      </Link>
    ),
  },
  ...chosen.flatMap((id): Column<Row>[] => {
    if (Object.hasOwn(fixed, id)) return [{ id, sortable: true, ...fixed[id] }];
    const option = optionOf(id);
    if (option !== null)
      return [
        {
          id,
          header: option,
          width: "w-40",
          sortable: true,
          cell: ({ options }) => <span className="font-mono text-xs">{options.get(option)}</span>,
        },
      ];
    const metric = metricOf(id);
    if (metric === null) return [];
    return [
      {
        id,
        header: metric,
        width: "w-40",
        numeric: true,
        sortable: true,
        figure: "trainingCurves",
        cell: ({ metrics }) => {
          const value = metrics[metric];
          return value === null ? "not finite" : value?.toPrecision(4);
        },
      },
    ];
  }),
];

/** All that can be chosen: what every run has, options that any was told, metrics that any has. */
export const offersOf = (rows: readonly Row[], metrics: readonly string[]): ColumnOffer[] => [
  ...Object.entries(fixed).map(([id, { header }]) => ({ id, label: header, kind: "Run" })),
  ...metrics.map((name) => ({ id: `metric.${name}`, label: name, kind: "Last value of a metric" })),
  ...[...new Set(rows.flatMap(({ options }) => [...options.keys()]))]
    .sort()
    .map((name) => ({ id: `option.${name}`, label: name, kind: "Option" })),
];
