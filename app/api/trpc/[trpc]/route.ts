import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { contextOf } from "@/server/auth";
import { log } from "@/server/log";
import { appRouter } from "@/server/root";
import { shutdownSignal } from "@/server/shutdown";

const handler = (request: Request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    // A live stream ends when the site is asked to stop.
    req: new Request(request, { signal: AbortSignal.any([request.signal, shutdownSignal()]) }),
    router: appRouter,
    createContext: () => contextOf(request.headers),
    onError({ error, path }) {
      // Everything else is expected and told to whoever asked.
      if (error.code === "INTERNAL_SERVER_ERROR")
        log.error({ error: error.cause ?? error, path }, "procedure failed");
    },
  });

export { handler as GET, handler as POST };
