import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { z } from "zod";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Adjudicate } from "./adjudicate";

export const metadata: Metadata = { title: "Adjudicate" };

export default async function AdjudicatePage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/preferences/adjudicate">) {
  const { projectId } = await params;
  const { task } = await searchParams;
  const asked = z.uuid().safeParse(task).data;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  const client = queryClientOf();
  const [{ taskIds }] = await Promise.all([
    client.fetchQuery(trpc.review.undecided.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.get.queryOptions({ projectId })),
  ]);
  const taskId = asked ?? taskIds[0];
  if (taskId) await client.prefetchQuery(trpc.review.dispute.queryOptions({ projectId, taskId }));
  return (
    <Hydrate>
      <Adjudicate projectId={projectId} asked={asked} />
    </Hydrate>
  );
}
