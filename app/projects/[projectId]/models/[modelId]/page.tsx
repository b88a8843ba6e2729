import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { ModelDetail } from "./model-detail";

export const metadata: Metadata = { title: "Model" };

export default async function ModelPage({ params }: PageProps<"/projects/[projectId]/models/[modelId]">) {
  const of = await params;
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get(of),
    client.prefetchQuery(trpc.model.lineage.queryOptions(of)),
    client.prefetchQuery(trpc.evaluation.list.queryOptions(of)),
    client.prefetchQuery(trpc.benchmark.list.queryOptions(of)),
  ]);
  return (
    <Hydrate>
      <ModelDetail {...of} mayManage={role === "manager"} />
    </Hydrate>
  );
}
