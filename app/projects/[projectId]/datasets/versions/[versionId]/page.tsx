import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { VersionDetail } from "./version-detail";

export const metadata: Metadata = { title: "Dataset version" };

export default async function VersionPage({
  params,
}: PageProps<"/projects/[projectId]/datasets/versions/[versionId]">) {
  const of = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.dataset.version.queryOptions(of)),
    client.prefetchQuery(trpc.dataset.diff.queryOptions(of)),
  ]);
  return (
    <Hydrate>
      <VersionDetail {...of} />
    </Hydrate>
  );
}
