import { z } from "zod";
import { runStatuses } from "@/db/shape/run";
import { runKindSchema } from "@/server/run/schema";
import { comparedNames, metricOf } from "./rows";

/** What the address of the runs page says: which columns, which runs, in which order. */
export const runsAddress = z.object({
  search: z.string().max(200).optional(),
  kind: runKindSchema.optional(),
  status: z.enum(runStatuses).optional(),
  tag: z.string().max(40).optional(),
  /** A column; with a minus, falling. */
  sort: z.string().max(200).default("-started"),
  group: z.string().max(200).optional(),
  /** Columns in their order, separated by commas. */
  columns: z.string().max(3000).default("kind,status,took,started"),
});

/** The metrics whose last values the page needs: of columns, of the order, and of comparisons in the search. */
export function metricsAsked({ columns, sort, search = "" }: z.infer<typeof runsAddress>): string[] {
  const shown = [...columns.split(","), sort.replace(/^-/, "")].flatMap((id) => metricOf(id) ?? []);
  return [...new Set([...shown, ...comparedNames(search)])].sort().slice(0, 40);
}
