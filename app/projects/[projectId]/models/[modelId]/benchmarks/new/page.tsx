import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { RunBenchmark } from "./run-benchmark";

export const metadata: Metadata = { title: "Run a benchmark" };

export default async function NewBenchmarkPage({
  params,
}: PageProps<"/projects/[projectId]/models/[modelId]/benchmarks/new">) {
  const of = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.model.get.queryOptions(of)),
    client.prefetchQuery(trpc.benchmark.suites.queryOptions({ projectId: of.projectId })),
  ]);
  return (
    <Hydrate>
      <RunBenchmark {...of} />
    </Hydrate>
  );
}
