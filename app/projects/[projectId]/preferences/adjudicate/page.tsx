import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Adjudicate } from "./adjudicate";

export const metadata: Metadata = { title: "Adjudicate" };

export default async function AdjudicatePage({
  params,
}: PageProps<"/projects/[projectId]/preferences/adjudicate">) {
  const { projectId } = await params;
  const client = queryClientOf();
  const [{ items }] = await Promise.all([
    client.fetchQuery(trpc.review.disagreements.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.get.queryOptions({ projectId })),
  ]);
  const [first] = items;
  if (first) await client.prefetchQuery(trpc.review.detail.queryOptions({ projectId, taskId: first.taskId }));
  return (
    <Hydrate>
      <Adjudicate projectId={projectId} />
    </Hydrate>
  );
}
