import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { caller, Hydrate, queryClientOf, requestContext, trpc } from "@/app/trpc/server";
import { People } from "./people";

export const metadata: Metadata = { title: "People" };

export default async function PeoplePage({ params }: PageProps<"/projects/[projectId]/people">) {
  const { projectId } = await params;
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.member.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.rater.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.review.dashboard.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <People projectId={projectId} mayManage={role === "manager"} isAdmin={viewer.isAdmin} />
    </Hydrate>
  );
}
