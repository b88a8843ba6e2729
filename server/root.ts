import { auditRouter } from "./audit/router";
import { benchmarkRouter } from "./benchmark/router";
import { chatRouter } from "./chat/router";
import { clusterRouter } from "./cluster/router";
import { collectionRouter } from "./collection/router";
import { conclusionRouter } from "./conclusion/router";
import { constructionRouter } from "./construction/router";
import { contentRouter } from "./content/router";
import { datasetRouter } from "./dataset/router";
import { loopRouter } from "./demo/router";
import { endpointRouter } from "./endpoint/router";
import { erasureRouter } from "./erasure/router";
import { evaluationRouter } from "./evaluation/router";
import { goldRouter } from "./gold/router";
import { importRouter } from "./import/router";
import { judgeRouter } from "./judge/router";
import { annotationRouter } from "./judgement/router";
import { machineRouter } from "./machine/router";
import { meaningRouter } from "./meaning/router";
import { memberRouter } from "./member/router";
import { modelRouter } from "./model/router";
import { normingRouter } from "./norming/router";
import { personRouter, sessionRouter } from "./people/router";
import { projectRouter } from "./project/router";
import { qualityRouter } from "./quality/router";
import { raterRouter } from "./rater/router";
import { redTeamRouter } from "./red-team/router";
import { remarkRouter } from "./remark/router";
import { reviewRouter } from "./review/router";
import { runRouter } from "./run/router";
import { savedViewRouter } from "./saved-view/router";
import { secretRouter } from "./secret/router";
import { servingRouter } from "./serving/router";
import { taskRouter } from "./task/router";
import { tokenRouter } from "./token/router";
import { trainingRouter } from "./training/router";
import { createCaller, router } from "./trpc";

export const appRouter = router({
  annotation: annotationRouter,
  audit: auditRouter,
  benchmark: benchmarkRouter,
  chat: chatRouter,
  cluster: clusterRouter,
  collection: collectionRouter,
  conclusion: conclusionRouter,
  construction: constructionRouter,
  content: contentRouter,
  dataset: datasetRouter,
  endpoint: endpointRouter,
  erasure: erasureRouter,
  evaluation: evaluationRouter,
  gold: goldRouter,
  import: importRouter,
  judge: judgeRouter,
  loop: loopRouter,
  machine: machineRouter,
  meaning: meaningRouter,
  member: memberRouter,
  model: modelRouter,
  norming: normingRouter,
  person: personRouter,
  project: projectRouter,
  quality: qualityRouter,
  rater: raterRouter,
  redTeam: redTeamRouter,
  remark: remarkRouter,
  review: reviewRouter,
  run: runRouter,
  savedView: savedViewRouter,
  secret: secretRouter,
  serving: servingRouter,
  session: sessionRouter,
  task: taskRouter,
  token: tokenRouter,
  training: trainingRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures from server components and the HTTP API, with every check in place. */
export const callerOf = createCaller(appRouter);
