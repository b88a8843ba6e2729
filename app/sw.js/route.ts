import { worker } from "./worker";

export const dynamic = "force-static";

/** The service worker, at the root because it may only answer for what lies below it. */
export function GET(): Response {
  return new Response(worker, {
    headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" },
  });
}
