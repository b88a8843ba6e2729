import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Review } from "./review";

export const metadata: Metadata = { title: "Look at candidates" };

export default async function ReviewPage({ params }: PageProps<"/projects/[projectId]/data/[runId]/review">) {
  const of = await params;
  await queryClientOf().prefetchQuery(trpc.construction.get.queryOptions(of));
  return (
    <Hydrate>
      <Review {...of} />
    </Hydrate>
  );
}
