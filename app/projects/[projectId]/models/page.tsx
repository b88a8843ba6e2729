import type { Metadata } from "next";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Models } from "./models";

export const metadata: Metadata = { title: "Models" };

export default async function ModelsPage({ params }: PageProps<"/projects/[projectId]/models">) {
  const { projectId } = await params;
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    queryClientOf().prefetchQuery(trpc.model.list.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <Models projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
