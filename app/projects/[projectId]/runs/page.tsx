import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { metricsAsked, runsAddress } from "./address";
import { Runs } from "./runs";

export const metadata: Metadata = { title: "Runs" };

export default async function RunsPage({ params, searchParams }: PageProps<"/projects/[projectId]/runs">) {
  const { projectId } = await params;
  const metrics = metricsAsked(fromAddress(runsAddress, await searchParams));
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.run.table.queryOptions({ projectId, metrics })),
    client.prefetchQuery(trpc.run.workers.queryOptions({ projectId })),
    client.prefetchQuery(trpc.savedView.list.queryOptions({ projectId, page: "runs" })),
  ]);
  return (
    <Hydrate>
      <Runs projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
