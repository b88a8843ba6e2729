import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { BenchmarkDetail } from "./benchmark-detail";

export const metadata: Metadata = { title: "Benchmark" };

export default async function BenchmarkPage({
  params,
}: PageProps<"/projects/[projectId]/models/[modelId]/benchmarks/[benchmarkId]">) {
  const { projectId, benchmarkId } = await params;
  const of = { projectId, benchmarkId };
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    queryClientOf().prefetchQuery(trpc.benchmark.get.queryOptions(of)),
  ]);
  return (
    <Hydrate>
      <BenchmarkDetail {...of} mayManage={role === "manager"} />
    </Hydrate>
  );
}
