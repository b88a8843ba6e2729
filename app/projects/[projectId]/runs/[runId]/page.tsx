import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
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
  return (
    <Hydrate>
      <RunDetail {...of} />
    </Hydrate>
  );
}
