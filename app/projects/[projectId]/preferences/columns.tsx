import type { ColumnOffer } from "@/app/components/table/column-chooser";
import type { Column } from "@/app/components/table/data-table";
import { Badge } from "@/app/components/ui/badge";
import { When } from "@/app/components/ui/when";
import type { PreferenceRow } from "@/server/review/schema";
import { Verdict } from "./verdict";

const prompt: Column<PreferenceRow> = {
  id: "prompt",
  header: "Prompt",
  cell: (row) => (
    <span dir="auto" className="font-medium">
      {row.prompt}
    </span>
  ),
};

/** The columns whose id is a field to sort by are sortable. */
const offered: readonly Column<PreferenceRow>[] = [
  {
    id: "strength",
    header: "Verdict",
    width: "w-44",
    sortable: true,
    figure: "strength",
    cell: (row) => <Verdict {...row} />,
  },
  {
    id: "sources",
    header: "A against B",
    width: "w-44",
    wideOnly: true,
    cell: ({ a, b }) => (
      <span className="text-muted">
        {a.source ?? "—"} <span aria-hidden="true">/</span> {b.source ?? "—"}
      </span>
    ),
  },
  { id: "rater", header: "Rater", width: "w-32", wideOnly: true, cell: (row) => row.rater.name },
  {
    id: "agreement",
    header: "Agreement",
    width: "w-32",
    numeric: true,
    wideOnly: true,
    sortable: true,
    figure: "pairAgreement",
    cell: ({ agreement, votes }) =>
      agreement === null || votes < 2 ? (
        <span className="text-muted">{votes === 1 ? "1 vote" : "—"}</span>
      ) : (
        <span className={agreement < 1 ? "text-warn" : ""}>
          {Math.round(agreement * votes)} of {votes}
        </span>
      ),
  },
  { id: "question", header: "Question", width: "w-32", wideOnly: true, cell: (row) => row.questionId },
  { id: "language", header: "Lang.", width: "w-16", wideOnly: true, cell: (row) => row.language },
  { id: "domain", header: "Domain", width: "w-32", wideOnly: true, cell: (row) => row.domain },
  {
    id: "took",
    header: "Took",
    width: "w-24",
    numeric: true,
    wideOnly: true,
    figure: "visibleTime",
    cell: (row) => (row.visibleMs === null ? "" : `${Math.round(row.visibleMs / 1000)} s`),
  },
  {
    id: "state",
    header: "State",
    width: "w-24",
    wideOnly: true,
    cell: (row) => <RowState {...row} />,
  },
  {
    id: "time",
    header: "Judged",
    width: "w-28",
    wideOnly: true,
    sortable: true,
    cell: (row) => <When at={row.submittedAt} className="text-muted" />,
  },
];

/** The prompt, then the columns that were chosen, in their order. */
export const columnsOf = (chosen: readonly string[]): Column<PreferenceRow>[] => [
  // Beside more columns than a page is wide it keeps room of its own, and the table scrolls.
  { ...prompt, width: chosen.length > 8 ? "md:w-72" : undefined },
  ...chosen.flatMap((id) => offered.find((column) => column.id === id) ?? []),
];

export const offers: readonly ColumnOffer[] = offered.map(({ id, header }) => ({
  id,
  label: header,
  kind: "Columns",
}));

function RowState({ excludedReason, flagReason, origin }: PreferenceRow) {
  if (excludedReason)
    return (
      <Badge tone="bad" title={excludedReason}>
        excluded
      </Badge>
    );
  if (flagReason)
    return (
      <Badge tone="warn" title={flagReason}>
        flagged
      </Badge>
    );
  return origin === "desk" ? null : <Badge>{origin}</Badge>;
}
