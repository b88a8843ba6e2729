import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { tasksAddress } from "./address";
import { Tasks } from "./tasks";

export const metadata: Metadata = { title: "Tasks" };

export default async function TasksPage({ params, searchParams }: PageProps<"/projects/[projectId]/tasks">) {
  const { projectId } = await params;
  const { task: taskId, ...filter } = fromAddress(tasksAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchInfiniteQuery(
      trpc.task.list.infiniteQueryOptions(
        { projectId, ...filter },
        { getNextPageParam: (page) => page.nextCursor },
      ),
    ),
    client.prefetchQuery(trpc.rater.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.content.facets.queryOptions({ projectId })),
    taskId && client.prefetchQuery(trpc.review.detail.queryOptions({ projectId, taskId })),
  ]);
  return (
    <Hydrate>
      <Tasks projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
