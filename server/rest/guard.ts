import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { limits } from "../limits";

/**
 * How many bytes the body of a request may have, by its address. Routes that take files count for themselves, after
 * they know who asks.
 */
export function bodyLimit(address: string): number {
  const [path = ""] = address.split("?");
  if (/^\/api\/v1\/projects\/[^/]+\/uploads$/.test(path) || path.startsWith("/api/artifacts/"))
    return Number.POSITIVE_INFINITY;
  if (path.startsWith("/api/v1/")) return limits.jsonBytes;
  if (path.startsWith("/api/openai/")) return limits.completionBytes;
  if (path.startsWith("/api/trpc/")) return limits.callBytes;
  if (path.startsWith("/api/cluster/")) return limits.jobBytes;
  return limits.formBytes;
}

const startedSchema = z.object({
  request: z.custom<IncomingMessage>(),
  response: z.custom<ServerResponse>(),
});

/** What Next cannot make a request of, and would answer with a bare 500. */
function unreadable({ method, url = "" }: IncomingMessage): "method" | "address" | undefined {
  if (method === "TRACE") return "method";
  try {
    decodeURIComponent(url.split("?")[0] ?? "");
    return undefined;
  } catch {
    return "address";
  }
}

/** Sends what nothing here can take apart to the route that says so, with the headers of every answer. */
export function guardAddresses(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = startedSchema.parse(message);
    const why = unreadable(request);
    if (!why) return;
    request.method = "GET";
    request.url = `/api/refused/${why}`;
  });
}

/**
 * Counts the body of every request of this process as it arrives, below all that might keep it: a sign-in form of
 * gigabytes, sent in chunks by a stranger, ends at its limit with 413.
 */
export function guardBodies(): void {
  subscribe("http.server.request.start", (message) => {
    const { request, response } = startedSchema.parse(message);
    const atMost = bodyLimit(request.url ?? "");
    const refuse = () => {
      if (!response.headersSent)
        response.writeHead(413, { connection: "close", "content-type": "application/problem+json" });
      response.end(
        JSON.stringify({
          title: "Payload Too Large",
          status: 413,
          detail: `The body has more than ${atMost.toLocaleString("en")} bytes.`,
        }),
        () => request.destroy(),
      );
    };
    let received = 0;
    const push = request.push.bind(request);
    request.push = (chunk: unknown, encoding?: BufferEncoding) => {
      received += chunk instanceof Uint8Array ? chunk.length : 0;
      if (received <= atMost) return push(chunk, encoding);
      if (received - (chunk instanceof Uint8Array ? chunk.length : 0) <= atMost) refuse();
      // What comes after the limit is thrown away unread.
      return true;
    };
  });
}
