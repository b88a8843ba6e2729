import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { qualityAddress } from "./address";
import { Quality } from "./quality";

export const metadata: Metadata = { title: "Quality" };

export default async function QualityPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/quality">) {
  const { projectId } = await params;
  const filter = fromAddress(qualityAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.quality.show.queryOptions({ projectId, ...filter })),
    client.prefetchQuery(trpc.content.facets.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <Quality projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
