import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, soon, trpc } from "@/app/trpc/server";
import { lookAddress, planAddress } from "../address";
import { PlanPage } from "./plan";

export const metadata: Metadata = { title: "Plan and stop" };

export default async function ConclusionPlanPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/conclusions/plan">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  const asked = await searchParams;
  const client = queryClientOf();
  const look = fromAddress(lookAddress, asked);
  await soon(
    Promise.all([
      client.prefetchQuery(trpc.conclusion.leaderboard.queryOptions({ projectId, ...look })),
      client.prefetchQuery(
        trpc.conclusion.plan.queryOptions({ projectId, ...fromAddress(planAddress, asked) }),
      ),
      client.prefetchQuery(trpc.content.facets.queryOptions({ projectId })),
      client.prefetchQuery(trpc.conclusion.stops.queryOptions({ projectId })),
    ]),
  );
  return (
    <Hydrate>
      <PlanPage projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
