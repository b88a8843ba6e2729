import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { DataRunPage } from "./data-run-page";

export const metadata: Metadata = { title: "Data run" };

export default async function OneDataRunPage({ params }: PageProps<"/projects/[projectId]/data/[runId]">) {
  const of = await params;
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get(of),
    client.prefetchQuery(trpc.construction.get.queryOptions(of)),
    client.prefetchQuery(trpc.construction.methods.queryOptions({ projectId: of.projectId })),
  ]);
  return (
    <Hydrate>
      <DataRunPage {...of} mayManage={role === "manager"} />
    </Hydrate>
  );
}
