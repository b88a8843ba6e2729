import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Sweep } from "./sweep";

export const metadata: Metadata = { title: "Sweep" };

export default async function SweepPage({
  params,
}: PageProps<"/projects/[projectId]/runs/sweeps/[groupId]">) {
  const of = await params;
  await queryClientOf().prefetchQuery(trpc.training.group.queryOptions(of));
  return (
    <Hydrate>
      <Sweep {...of} />
    </Hydrate>
  );
}
