import { MAX_POINTS } from "@/app/components/training/max-points";
import { queryClientOf, trpc } from "@/app/trpc/server";

/** Has what a comparison of runs shows there with the page: what came later would push down what is being read. */
export async function prefetchComparison(projectId: string, runIds: readonly string[]): Promise<void> {
  const client = queryClientOf();
  const table = trpc.run.table.queryOptions({ projectId, runIds: [...runIds] });
  await Promise.all([
    client.prefetchQuery(table),
    client.prefetchQuery(trpc.training.options.queryOptions({ projectId })),
  ]);
  // Of those that are there: an address may name any number.
  const runs = client.getQueryData(table.queryKey)?.rows ?? [];
  await Promise.all(
    runs.flatMap(({ id: runId }) => [
      client.prefetchQuery(trpc.training.curves.queryOptions({ projectId, runId, maxPoints: MAX_POINTS })),
      client.prefetchQuery(trpc.training.samples.queryOptions({ projectId, runId })),
    ]),
  );
}
