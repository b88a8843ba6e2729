import type { Metadata } from "next";
import { MAX_POINTS } from "@/app/components/training/max-points";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { trainSpecSchema } from "@/server/training/schema";
import { RunDetail } from "./run-detail";

export const metadata: Metadata = { title: "Run" };

export default async function RunPage({ params }: PageProps<"/projects/[projectId]/runs/[runId]">) {
  const of = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.run.get.queryOptions(of)),
    client.prefetchQuery(trpc.run.log.queryOptions(of)),
    client.prefetchQuery(trpc.run.files.queryOptions(of)),
  ]);
  // The line under the title is there from the start.
  const run = client.getQueryData(trpc.run.get.queryKey(of));
  const from = trainSpecSchema.safeParse(run?.spec).data;
  if (from) {
    const { projectId } = of;
    const version = trpc.dataset.version.queryOptions({ projectId, versionId: from.versionId });
    await Promise.all([
      // Plots and samples have their place from the start: what stands below them does not move.
      client.prefetchQuery(trpc.training.curves.queryOptions({ ...of, maxPoints: MAX_POINTS })),
      client.prefetchQuery(trpc.training.samples.queryOptions(of)),
      client.prefetchQuery(trpc.model.get.queryOptions({ projectId, modelId: from.modelId })),
      client.prefetchQuery(version),
    ]);
    const datasetId = client.getQueryData(version.queryKey)?.datasetId;
    if (datasetId) await client.prefetchQuery(trpc.dataset.get.queryOptions({ projectId, datasetId }));
  }
  return (
    <Hydrate>
      <RunDetail {...of} />
    </Hydrate>
  );
}
