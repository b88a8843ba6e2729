import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { RETRY_AFTER_SECONDS } from "../errors";
import { limits } from "../limits";
import { type Problem, problem } from "../problem";
import { ALWAYS, DATA } from "./headers";

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

/** How long somebody who was refused may go on sending. */
const LINGER_MS = 1000;

/** Bytes of bodies that this process holds for requests that are not answered yet. */
let held = 0;

/**
 * Counts the body of every request of this process as it arrives, below all that might keep it: a sign-in form of
 * gigabytes, sent in chunks by a stranger, ends at its limit with 413, and so do many long bodies at once with 503.
 */
export function guardBodies(): void {
  subscribe("http.server.request.start", (message) => {
    const { request, response } = startedSchema.parse(message);
    const atMost = bodyLimit(request.url ?? "");
    // Files are passed on, not held.
    if (atMost === Number.POSITIVE_INFINITY) return;
    let received = 0;
    let refused = false;
    let answered = false;
    const refuse = (problem: Problem) => {
      refused = true;
      if (!response.headersSent)
        response.writeHead(problem.status, {
          ...ALWAYS,
          ...DATA,
          "content-type": "application/problem+json",
          ...(problem.status === 503 && { "retry-after": String(RETRY_AFTER_SECONDS) }),
        });
      response.end(JSON.stringify(problem));
      // A connection that is closed while somebody writes to it loses what it was told: they have a moment to hear.
      setTimeout(() => request.destroy(), LINGER_MS).unref();
    };
    const push = request.push.bind(request);
    request.push = (chunk: unknown, encoding?: BufferEncoding) => {
      // What comes after a refusal is thrown away unread; whoever reads hears no end, but that it broke off.
      if (refused) {
        if (chunk === null) request.destroy();
        return true;
      }
      // What comes after an answer is read by nobody who keeps it.
      if (answered) return push(chunk, encoding);
      const length = chunk instanceof Uint8Array ? chunk.length : 0;
      received += length;
      held += length;
      if (received > atMost)
        refuse(problem(413, `The body has more than ${atMost.toLocaleString("en")} bytes.`));
      else if (received > limits.smallBytes && held > limits.heldBytes)
        refuse(problem(503, "The site holds as many long bodies as it can. Send it again in a while."));
      else return push(chunk, encoding);
      return true;
    };
    response.once("close", () => {
      answered = true;
      held -= received;
    });
  });
}
