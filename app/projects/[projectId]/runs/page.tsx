import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { listedKinds } from "@/db/shape/run-kinds";
import { Runs } from "./runs";

export const metadata: Metadata = { title: "Runs" };

export default async function RunsPage({ params }: PageProps<"/projects/[projectId]/runs">) {
  const { projectId } = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchInfiniteQuery(
      trpc.run.list.infiniteQueryOptions(
        { projectId, kinds: listedKinds },
        { getNextPageParam: (page) => page.nextCursor },
      ),
    ),
    client.prefetchQuery(trpc.run.workers.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <Runs projectId={projectId} />
    </Hydrate>
  );
}
