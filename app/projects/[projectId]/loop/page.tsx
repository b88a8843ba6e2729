import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { LoopPage } from "./loop-page";

export const metadata: Metadata = { title: "The whole loop" };

export default async function Page({ params }: PageProps<"/projects/[projectId]/loop">) {
  const { projectId } = await params;
  const { role } = await caller.project.get({ projectId });
  await queryClientOf().prefetchQuery(trpc.loop.get.queryOptions({ projectId }));
  return (
    <Hydrate>
      <LoopPage projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
