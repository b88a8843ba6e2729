import { env } from "../env";

/** Methods that change nothing. */
const SAFE = new Set(["GET", "HEAD"]);

/**
 * Whether a request that a browser sends with its cookies may be another site's doing: one that can change something
 * and does not say that a page of this site made it. Browsers always say so; programs send a token and no cookie.
 */
export function isForged({ headers, method }: { headers: Headers; method: string }): boolean {
  if (SAFE.has(method) || !headers.has("cookie") || headers.has("authorization")) return false;
  const site = headers.get("sec-fetch-site");
  if (site) return site !== "same-origin";
  return !isOurs(headers.get("origin"), headers);
}

function isOurs(origin: string | null, headers: Headers): boolean {
  if (!origin || !URL.canParse(origin)) return false;
  const { CONCORD_URL } = env();
  if (CONCORD_URL) return new URL(origin).origin === new URL(CONCORD_URL).origin;
  return new URL(origin).host === (headers.get("x-forwarded-host") ?? headers.get("host"));
}
