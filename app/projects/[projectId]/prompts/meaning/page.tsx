import type { Metadata } from "next";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { meaningAddress } from "./address";
import { Meaning } from "./meaning";

export const metadata: Metadata = { title: "By meaning" };

export default async function MeaningPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/prompts/meaning">) {
  const { projectId } = await params;
  const { run: runId, prompt: promptId } = fromAddress(meaningAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.meaning.standing.queryOptions({ projectId })),
    runId && client.prefetchQuery(trpc.meaning.found.queryOptions({ projectId, runId })),
    promptId && client.prefetchQuery(trpc.content.prompt.queryOptions({ projectId, promptId })),
  ]);
  return (
    <Hydrate>
      <Meaning projectId={projectId} mayManage={role === "manager"} />
    </Hydrate>
  );
}
