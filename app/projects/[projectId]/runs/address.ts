import type { AddressReader } from "@/app/components/table/address";
import { runKindNames, runStatuses } from "@/db/shape/run-kinds";
import { comparedNames, metricOf } from "./rows";

/** What the address of the runs page says: which columns, which runs, in which order. */
export const runsAddress = (address: AddressReader) => ({
  search: address.text("search", 200),
  kind: address.oneOf("kind", runKindNames),
  status: address.oneOf("status", runStatuses),
  tag: address.text("tag", 40),
  /** A column; with a minus, falling. */
  sort: address.text("sort", 200) ?? "-started",
  group: address.text("group", 200),
  /** Columns in their order, separated by commas. */
  columns: address.text("columns", 3000) ?? "kind,status,took,started",
});

/** The metrics whose last values the page needs: of columns, of the order, and of comparisons in the search. */
export function metricsAsked({ columns, sort, search = "" }: ReturnType<typeof runsAddress>): string[] {
  const shown = [...columns.split(","), sort.replace(/^-/, "")].flatMap((id) => metricOf(id) ?? []);
  return [...new Set([...shown, ...comparedNames(search)])].sort().slice(0, 40);
}
