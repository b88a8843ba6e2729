import { annotationRouter } from "./annotation/router";
import { contentRouter } from "./content/router";
import { datasetRouter } from "./dataset/router";
import { projectRouter } from "./project/router";
import { reviewRouter } from "./review/router";
import { runRouter } from "./run/router";
import { secretRouter } from "./secret/router";
import { taskRouter } from "./task/router";
import { createCaller, router } from "./trpc";

export const appRouter = router({
  annotation: annotationRouter,
  content: contentRouter,
  dataset: datasetRouter,
  project: projectRouter,
  review: reviewRouter,
  run: runRouter,
  secret: secretRouter,
  task: taskRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures from server components and the HTTP API, with every check in place. */
export const callerOf = createCaller(appRouter);
