import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Overview } from "./overview";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage({ params }: PageProps<"/projects/[projectId]">) {
  const { projectId } = await params;
  const { role, name, isDemo } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  await queryClientOf().prefetchQuery(trpc.review.dashboard.queryOptions({ projectId }));
  const loop = isDemo ? ((await caller.loop.get({ projectId })) ? "begun" : "offered") : null;
  return (
    <Hydrate>
      <Overview projectId={projectId} name={name} mayManage={role === "manager"} loop={loop} />
    </Hydrate>
  );
}
