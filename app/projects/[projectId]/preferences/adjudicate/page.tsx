import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Adjudicate } from "./adjudicate";

export const metadata: Metadata = { title: "Adjudicate" };

export default async function AdjudicatePage({
  params,
}: PageProps<"/projects/[projectId]/preferences/adjudicate">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
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
