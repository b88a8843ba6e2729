import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { fromAddress } from "@/app/components/table/address";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { knownAnswerAddress } from "./address";
import { KnownAnswer } from "./known-answer";

export const metadata: Metadata = { title: "State a known answer" };

export default async function KnownAnswerPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/settings/known-answer">) {
  const { projectId } = await params;
  const { prompt: promptId } = fromAddress(knownAnswerAddress, await searchParams);
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.project.get.queryOptions({ projectId })),
    client.prefetchQuery(trpc.project.forms.queryOptions({ projectId })),
    promptId && client.prefetchQuery(trpc.content.prompt.queryOptions({ projectId, promptId })),
  ]);
  if (role !== "manager") redirect(`/projects/${projectId}`);
  return (
    <Hydrate>
      <KnownAnswer projectId={projectId} />
    </Hydrate>
  );
}
