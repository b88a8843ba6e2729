import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { PAGE, preferencesAddress } from "./address";
import { Preferences } from "./preferences";

export const metadata: Metadata = { title: "Preferences" };

export default async function PreferencesPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/preferences">) {
  const { projectId } = await params;
  const {
    task: taskId,
    preference: _,
    sort,
    order,
    columns: _columns,
    ...filter
  } = fromAddress(preferencesAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchInfiniteQuery(
      trpc.review.preferences.infiniteQueryOptions(
        { projectId, ...filter, sort, order, limit: PAGE },
        { getNextPageParam: (page) => page.nextCursor },
      ),
    ),
    client.prefetchQuery(trpc.review.preferenceCount.queryOptions({ projectId, ...filter })),
    client.prefetchQuery(trpc.rater.list.queryOptions({ projectId })),
    client.prefetchQuery(trpc.content.facets.queryOptions({ projectId })),
    client.prefetchQuery(trpc.review.undecided.queryOptions({ projectId, limit: 1 })),
    taskId && client.prefetchQuery(trpc.review.detail.queryOptions({ projectId, taskId })),
  ]);
  return (
    <Hydrate>
      <Preferences projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
