import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Datasets } from "./datasets";

export const metadata: Metadata = { title: "Datasets" };

export default async function DatasetsPage({ params }: PageProps<"/projects/[projectId]/datasets">) {
  const { projectId } = await params;
  await queryClientOf().prefetchQuery(trpc.dataset.list.queryOptions({ projectId }));
  return (
    <Hydrate>
      <Datasets projectId={projectId} />
    </Hydrate>
  );
}
