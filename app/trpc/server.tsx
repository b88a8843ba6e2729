import { setTimeout as sleep } from "node:timers/promises";
import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { contextOf } from "@/server/auth";
import { appRouter, callerOf } from "@/server/root";
import { makeQueryClient } from "./query-client";

/** One for each request to render a page. */
export const queryClientOf = cache(makeQueryClient);

/** Who asks for this page, and the database. */
export const requestContext = cache(async () => contextOf({ headers: await headers() }));

/** Query options for prefetching: `queryClientOf().prefetchQuery(trpc.project.list.queryOptions())`. */
export const trpc = createTRPCOptionsProxy({
  ctx: requestContext,
  router: appRouter,
  queryClient: queryClientOf,
});

/** Calls procedures while rendering on the server, with every check in place. */
export const caller = callerOf(requestContext);

/** How whoever asks for this page works, in every project: read once for its language and its desk. */
export const ownHabits = cache(() => caller.person.desk());

const SOON_MS = 1000;

/**
 * Waits for what is prefetched, but not for what takes long: a page shows that it is being made, and it is streamed in.
 */
export async function soon(prefetched: Promise<unknown>): Promise<void> {
  await Promise.race([prefetched, sleep(SOON_MS)]);
}

/** Hands what was prefetched to the components inside, so that they render with data at once. */
export function Hydrate({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(queryClientOf())}>{children}</HydrationBoundary>;
}
