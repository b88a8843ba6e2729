import { defaultShouldDehydrateQuery, QueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";
import { wire } from "@/db/shape/wire";

/** What a person may not see or typed wrongly does not get better by asking again; a server that is away does. */
function isWorthAsking(failures: number, error: Error): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  const status: unknown = error.data?.httpStatus;
  return failures < 3 && (typeof status !== "number" || status >= 500);
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 30_000, retry: isWorthAsking },
      dehydrate: {
        serializeData: (data: unknown) => wire.serialize(data),
        // Also what is still on its way: the page streams it in.
        shouldDehydrateQuery: (query) =>
          defaultShouldDehydrateQuery(query) || query.state.status === "pending",
      },
      hydrate: { deserializeData: wire.deserialize.bind(wire) },
    },
  });
}
