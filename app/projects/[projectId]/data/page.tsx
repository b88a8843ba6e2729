import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { DataRuns } from "./data-runs";

export const metadata: Metadata = { title: "Data runs" };

export default async function DataPage({ params }: PageProps<"/projects/[projectId]/data">) {
  const { projectId } = await params;
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.construction.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.construction.methods.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <DataRuns projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
