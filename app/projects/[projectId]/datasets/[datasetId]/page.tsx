import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { DatasetDetail } from "./dataset-detail";

export const metadata: Metadata = { title: "Dataset" };

export default async function DatasetPage({
  params,
}: PageProps<"/projects/[projectId]/datasets/[datasetId]">) {
  const of = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.dataset.get.queryOptions(of)),
    client.prefetchQuery(trpc.dataset.versions.queryOptions(of)),
  ]);
  return (
    <Hydrate>
      <DatasetDetail {...of} />
    </Hydrate>
  );
}
