import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, soon, trpc } from "@/app/trpc/server";
import { lookAddress } from "./address";
import { LeaderboardPage } from "./leaderboard";

export const metadata: Metadata = { title: "Leaderboard" };

export default async function ConclusionsPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/conclusions">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  if (role === "annotator") redirect(`/projects/${projectId}/desk`);
  const look = fromAddress(lookAddress, await searchParams);
  await soon(queryClientOf().prefetchQuery(trpc.conclusion.leaderboard.queryOptions({ projectId, ...look })));
  return (
    <Hydrate>
      <LeaderboardPage projectId={projectId} />
    </Hydrate>
  );
}
