import { env } from "../env";

/** Where a request came from, as far as it can be known. */
export interface Caller {
  address: string;
  /** What the browser calls itself. */
  agent: string;
}

const LONGEST_ADDRESS = 64;
const LONGEST_AGENT = 200;

/**
 * The address of whoever sent a request. Each hop appends to `x-forwarded-for` whom it heard from, the site itself
 * last; so of the trusted proxies (CONCORD_PROXIES) the outermost wrote the entry that counts, and whatever stands
 * left of it the client may have made up.
 */
export function callerOf(headers: Headers): Caller {
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  const address = hops[Math.max(0, hops.length - 1 - env().CONCORD_PROXIES)] || "unknown";
  return {
    address: address.slice(0, LONGEST_ADDRESS),
    agent: (headers.get("user-agent") ?? "").slice(0, LONGEST_AGENT),
  };
}
