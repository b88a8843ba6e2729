import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Scorecard } from "./scorecard";

export const metadata: Metadata = { title: "Scorecard" };

export default async function ScorecardPage({ params }: PageProps<"/projects/[projectId]/models/scorecard">) {
  const { projectId } = await params;
  await queryClientOf().prefetchQuery(trpc.benchmark.list.queryOptions({ projectId }));
  return (
    <Hydrate>
      <Scorecard projectId={projectId} />
    </Hydrate>
  );
}
