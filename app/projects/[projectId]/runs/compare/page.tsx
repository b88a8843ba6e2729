import type { Metadata } from "next";
import { Hydrate } from "@/app/trpc/server";
import { Compare } from "./compare";
import { prefetchComparison } from "./prefetch";

export const metadata: Metadata = { title: "Compare runs" };

export default async function ComparePage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/runs/compare">) {
  const { projectId } = await params;
  const { ids } = await searchParams;
  const runIds = typeof ids === "string" ? ids.split(",").filter(Boolean) : [];
  if (runIds.length > 1) await prefetchComparison(projectId, runIds);
  return (
    <Hydrate>
      <Compare projectId={projectId} runIds={runIds} />
    </Hydrate>
  );
}
