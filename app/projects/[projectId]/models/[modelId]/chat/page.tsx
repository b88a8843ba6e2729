import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Chat } from "./chat";

export const metadata: Metadata = { title: "Chat" };

export default async function ChatPage({ params }: PageProps<"/projects/[projectId]/models/[modelId]/chat">) {
  const of = await params;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.model.lineage.queryOptions(of)),
    client.prefetchQuery(trpc.model.list.queryOptions({ projectId: of.projectId })),
    client.prefetchQuery(trpc.project.forms.queryOptions({ projectId: of.projectId })),
  ]);
  return (
    <Hydrate>
      <Chat {...of} />
    </Hydrate>
  );
}
