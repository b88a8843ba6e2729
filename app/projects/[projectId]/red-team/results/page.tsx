import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Say } from "@/app/i18n/say";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Results } from "./results";

export const metadata: Metadata = { title: "Red team: results" };

export default async function RedTeamResultsPage({
  params,
}: PageProps<"/projects/[projectId]/red-team/results">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/red-team`);
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.redTeam.settings.queryOptions({ projectId })),
    client.prefetchQuery(trpc.redTeam.results.queryOptions({ projectId })),
    client.prefetchQuery(trpc.redTeam.refusals.queryOptions({ projectId })),
  ]);
  return (
    <Say words={["redTeam"]}>
      <Hydrate>
        <Results projectId={projectId} mayManage={role === "manager"} />
      </Hydrate>
    </Say>
  );
}
