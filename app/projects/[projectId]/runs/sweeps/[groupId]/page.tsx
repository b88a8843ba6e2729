import type { Metadata } from "next";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { prefetchComparison } from "../../compare/prefetch";
import { Sweep } from "./sweep";

export const metadata: Metadata = { title: "Sweep" };

export default async function SweepPage({
  params,
}: PageProps<"/projects/[projectId]/runs/sweeps/[groupId]">) {
  const of = await params;
  const group = trpc.training.group.queryOptions(of);
  const client = queryClientOf();
  await client.prefetchQuery(group);
  const runs = client.getQueryData(group.queryKey) ?? [];
  await prefetchComparison(
    of.projectId,
    runs.map(({ id }) => id),
  );
  return (
    <Hydrate>
      <Sweep {...of} />
    </Hydrate>
  );
}
