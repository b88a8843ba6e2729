import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { contextOf } from "@/server/auth";
import { log } from "@/server/log";
import { appRouter } from "@/server/root";

const handler = (request: Request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => contextOf(request.headers),
    onError({ error, path }) {
      // Everything else is expected and told to whoever asked.
      if (error.code === "INTERNAL_SERVER_ERROR")
        log.error({ error: error.cause ?? error, path }, "procedure failed");
    },
  });

export { handler as GET, handler as POST };
