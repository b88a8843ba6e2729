import type { Metadata } from "next";
import { headers } from "next/headers";
import { Hydrate, queryClientOf, requestContext, trpc } from "@/app/trpc/server";
import { env } from "@/server/env";
import { ClusterSection } from "./cluster";
import { MachineTokens } from "./machine-tokens";
import { Workers } from "./workers";

export const metadata: Metadata = { title: "Cluster" };

/** The machines that train: workers, and a Ray cluster beyond them. */
export default async function ClusterPage() {
  const { viewer } = await requestContext();
  // The layout has answered already; a page renders beside it.
  if (!viewer?.isAdmin) return null;
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.cluster.get.queryOptions()),
    client.prefetchQuery(trpc.machine.workers.queryOptions()),
    client.prefetchQuery(trpc.machine.tokens.queryOptions()),
  ]);
  const asked = await headers();
  const origin = `${asked.get("x-forwarded-proto") ?? "http"}://${asked.get("host") ?? "localhost:3000"}`;
  const siteAddress = env().CONCORD_URL ?? origin;
  return (
    <Hydrate>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <Workers />
        <MachineTokens siteAddress={siteAddress} />
        <ClusterSection siteAddress={siteAddress} />
      </div>
    </Hydrate>
  );
}
