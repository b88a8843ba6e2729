import type { Metadata } from "next";
import { Compare } from "./compare";

export const metadata: Metadata = { title: "Compare runs" };

export default async function ComparePage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/runs/compare">) {
  const { projectId } = await params;
  const { ids } = await searchParams;
  return (
    <Compare projectId={projectId} runIds={typeof ids === "string" ? ids.split(",").filter(Boolean) : []} />
  );
}
