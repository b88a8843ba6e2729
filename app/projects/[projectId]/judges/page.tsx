import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Judges } from "./judges";

export const metadata: Metadata = { title: "Judges" };

export default async function JudgesPage({ params }: PageProps<"/projects/[projectId]/judges">) {
  const { projectId } = await params;
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    queryClientOf().prefetchQuery(trpc.judge.list.queryOptions({ projectId, which: "in_use" })),
  ]);
  return (
    <Hydrate>
      <Judges projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
