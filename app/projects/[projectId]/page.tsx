import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Overview } from "./overview";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage({ params }: PageProps<"/projects/[projectId]">) {
  const { projectId } = await params;
  const { role, name } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  await queryClientOf().prefetchQuery(trpc.review.dashboard.queryOptions({ projectId }));
  return (
    <Hydrate>
      <Overview projectId={projectId} name={name} mayManage={role === "manager"} />
    </Hydrate>
  );
}
