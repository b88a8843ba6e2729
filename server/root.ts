import { datasetRouter } from "./dataset/router";
import { runRouter } from "./run/router";
import { secretRouter } from "./secret/router";
import { createCaller, router } from "./trpc";

export const appRouter = router({
  dataset: datasetRouter,
  run: runRouter,
  secret: secretRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures from server components and the HTTP API, with every check in place. */
export const callerOf = createCaller(appRouter);
