import type { inferRouterOutputs } from "@trpc/server";
import type { Column } from "@/app/components/table/data-table";
import { Badge } from "@/app/components/ui/badge";
import { cn } from "@/app/components/ui/cn";
import { When } from "@/app/components/ui/when";
import type { AppRouter } from "@/server/root";

export type TaskRow = inferRouterOutputs<AppRouter>["task"]["list"]["items"][number];
type Seat = TaskRow["seats"][number];

export const columns: readonly Column<TaskRow>[] = [
  {
    id: "prompt",
    header: "Prompt",
    cell: (row) => (
      <span dir="auto" className="font-medium">
        {row.excerpt}
      </span>
    ),
  },
  {
    id: "judgements",
    header: "Judged",
    width: "w-20",
    numeric: true,
    cell: (row) => (
      <span className={cn(row.submitted < row.overlap && "text-muted")}>
        {row.submitted} of {row.overlap}
      </span>
    ),
  },
  {
    id: "responses",
    header: "Responses",
    width: "w-24",
    numeric: true,
    wideOnly: true,
    cell: (row) => row.responses,
  },
  {
    id: "raters",
    header: "Who has it",
    width: "w-80 max-xl:w-56",
    wideOnly: true,
    cell: (row) => <Seats seats={row.seats} />,
  },
  {
    id: "priority",
    header: "Priority",
    width: "w-20",
    numeric: true,
    wideOnly: true,
    cell: (row) => (row.priority === 0 ? <span className="text-muted">0</span> : row.priority),
  },
  { id: "language", header: "Lang.", width: "w-16", wideOnly: true, cell: (row) => row.language },
  { id: "domain", header: "Domain", width: "w-36", wideOnly: true, cell: (row) => row.domain },
  {
    id: "added",
    header: "Made",
    width: "w-28",
    wideOnly: true,
    cell: (row) => <When at={row.createdAt} className="text-muted" />,
  },
];

const tones = {
  open: "neutral",
  leased: "accent",
  submitted: "good",
  skipped: "neutral",
  returned: "warn",
  closed: "neutral",
} as const;

const words: Record<Seat["status"], string> = {
  open: "open",
  leased: "has it now",
  submitted: "judged",
  skipped: "skipped",
  returned: "sent back",
  closed: "withdrawn",
};

/** A name for each seat that somebody has or is meant to have, and how many are free. */
function Seats({ seats }: { seats: readonly Seat[] }) {
  const named = seats.filter((seat) => seat.rater ?? (seat.status === "open" && seat.reservedFor));
  const free = seats.filter((seat) => seat.status === "open" && !seat.reservedFor).length;
  return (
    <span className="flex items-center gap-1 overflow-hidden">
      {named.map((seat) => (
        <Badge
          key={seat.assignmentId}
          tone={tones[seat.status]}
          title={`${seat.rater?.name ?? `Reserved for ${seat.reservedFor?.name}`}: ${words[seat.status]}`}
        >
          {seat.rater?.name ?? `for ${seat.reservedFor?.name}`}
          {seat.status !== "submitted" && seat.status !== "open" && `: ${words[seat.status]}`}
        </Badge>
      ))}
      {free > 0 && <span className="text-xs text-muted">{free} free</span>}
    </span>
  );
}
