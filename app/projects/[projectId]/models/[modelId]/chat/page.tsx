import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Chat } from "./chat";

export const metadata: Metadata = { title: "Chat" };

export default async function ChatPage({ params }: PageProps<"/projects/[projectId]/models/[modelId]/chat">) {
  const of = await params;
  await queryClientOf().prefetchQuery(trpc.model.lineage.queryOptions(of));
  return (
    <Hydrate>
      <Chat {...of} />
    </Hydrate>
  );
}
