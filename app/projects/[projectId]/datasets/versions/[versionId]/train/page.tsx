import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { TrainForm } from "./train-form";

export const metadata: Metadata = { title: "Train" };

export default async function TrainPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/datasets/versions/[versionId]/train">) {
  const of = await params;
  const { from, model } = await searchParams;
  const client = queryClientOf();
  const { projectId } = of;
  const version = trpc.dataset.version.queryOptions(of);
  await Promise.all([
    client.prefetchQuery(version),
    client.prefetchQuery(trpc.model.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.training.options.queryOptions({ projectId })),
    ...(typeof from === "string"
      ? [client.prefetchQuery(trpc.run.get.queryOptions({ projectId, runId: from }))]
      : []),
  ]);
  const datasetId = client.getQueryData(version.queryKey)?.datasetId;
  if (datasetId) await client.prefetchQuery(trpc.dataset.get.queryOptions({ projectId, datasetId }));
  return (
    <Hydrate>
      <TrainForm
        {...of}
        from={typeof from === "string" ? from : undefined}
        start={typeof model === "string" ? model : undefined}
      />
    </Hydrate>
  );
}
