import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { promptsAddress } from "./address";
import { Prompts } from "./prompts";

export const metadata: Metadata = { title: "Prompts" };

export default async function PromptsPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/prompts">) {
  const { projectId } = await params;
  const { prompt: promptId, ...filter } = fromAddress(promptsAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchInfiniteQuery(
      trpc.content.prompts.infiniteQueryOptions(
        { projectId, ...filter },
        { getNextPageParam: (page) => page.nextCursor },
      ),
    ),
    client.prefetchQuery(trpc.content.facets.queryOptions({ projectId })),
    promptId && client.prefetchQuery(trpc.content.prompt.queryOptions({ projectId, promptId })),
  ]);
  return (
    <Hydrate>
      <Prompts projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
