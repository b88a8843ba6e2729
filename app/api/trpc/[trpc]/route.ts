import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { contextOf } from "@/server/auth";
import { expected, RETRY_AFTER_SECONDS } from "@/server/errors";
import { limits } from "@/server/limits";
import { log } from "@/server/log";
import { answer, requireBounded, textOf } from "@/server/rest/answer";
import { appRouter } from "@/server/root";
import { shutdownSignal } from "@/server/shutdown";
import { joined } from "@/server/signal";

const handler = (request: Request) =>
  answer(async () => {
    const context = await contextOf(request);
    // A live stream ends when the site is asked to stop.
    const signal = joined(request, shutdownSignal());
    return fetchRequestHandler({
      endpoint: "/api/trpc",
      req: new Request(request.method === "GET" ? request : await read(request, context.viewer !== null), {
        signal,
      }),
      router: appRouter,
      // A question that is too long for an address comes in a body; nothing is changed by an address.
      allowMethodOverride: true,
      createContext: () => context,
      onError({ error, path }) {
        // Everything else is told to whoever asked.
        if (!expected(error)) log.error({ err: error.cause ?? error, path }, "procedure failed");
      },
      responseMeta: ({ errors }) =>
        errors.some((error) => expected(error)?.code === "SERVICE_UNAVAILABLE")
          ? { headers: { "retry-after": String(RETRY_AFTER_SECONDS) } }
          : {},
    });
  });

/** The same request with its body read, which is short from a stranger. */
async function read(request: Request, isKnown: boolean): Promise<Request> {
  const body = await textOf(request, isKnown ? limits.callBytes : limits.formBytes);
  requireBounded(body);
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

export { handler as GET, handler as POST };
