import { httpBatchLink, httpLink, httpSubscriptionLink, splitLink, type TRPCLink } from "@trpc/client";
import { wire } from "@/db/shape/wire";
import type { AppRouter } from "@/server/root";

/** One page of a table with its filters is a long address; beyond 4 kB the batch is split. */
const ADDRESS = 4000;
/** What of an address is no input. */
const REST = 500;

/** Whether what is asked does not fit into an address: an estimate is asked for with texts in it. */
function isLong(input: unknown): boolean {
  const text = JSON.stringify(wire.serialize(input));
  return text.length > ADDRESS - REST || encodeURIComponent(text).length > ADDRESS - REST;
}

/** How the site's own calls travel: questions together by their address, and long ones each in a body. */
export function linksTo(url: string, fetch?: typeof globalThis.fetch): TRPCLink<AppRouter>[] {
  const options = { url, transformer: wire, fetch };
  return [
    splitLink({
      condition: ({ type }) => type === "subscription",
      true: httpSubscriptionLink({ url, transformer: wire }),
      false: splitLink({
        condition: ({ type, input }) => type === "query" && isLong(input),
        true: httpLink({ ...options, methodOverride: "POST" }),
        false: httpBatchLink({ ...options, maxURLLength: ADDRESS }),
      }),
    }),
  ];
}
