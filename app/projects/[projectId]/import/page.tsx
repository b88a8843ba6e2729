import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Import } from "./import";

export const metadata: Metadata = { title: "Import" };

export default async function ImportPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/import">) {
  const { projectId } = await params;
  const { run: runId } = fromAddress((address) => ({ run: address.id("run") }), await searchParams);
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.import.shapes.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.get.queryOptions({ projectId })),
    runId && client.prefetchQuery(trpc.run.get.queryOptions({ projectId, runId })),
  ]);
  return (
    <Hydrate>
      <Import projectId={projectId} />
    </Hydrate>
  );
}
