import { skipToken, useQuery } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { useTRPC } from "@/app/trpc/client";
import type { AppRouter } from "@/server/root";

type Found = inferRouterOutputs<AppRouter>["meaning"]["found"];
export type ShownText = inferRouterOutputs<AppRouter>["meaning"]["texts"][number];

/** Whether a search goes on. */
export const isWaiting = (found: Found | undefined) =>
  found !== undefined && (found.status === "queued" || found.status === "running");

/** What a search found; asked again until it is over. */
export function useFound(projectId: string, runId: string | undefined) {
  const trpc = useTRPC();
  return useQuery(
    trpc.meaning.found.queryOptions(runId ? { projectId, runId } : skipToken, {
      refetchInterval: ({ state: { data } }) => (isWaiting(data) ? 300 : false),
    }),
  );
}
