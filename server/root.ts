import { runRouter } from "./run/router";
import { createCaller, router } from "./trpc";

export const appRouter = router({
  run: runRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures from server components and the HTTP API, with every check in place. */
export const callerOf = createCaller(appRouter);
