import { z } from "zod";
import {
  askedBenchmarkSchema,
  benchmarkContaminationSchema,
  benchmarkFigureSchema,
  benchmarkFileSchema,
} from "../../db/shape/benchmark";
import { dataRecipeSchema, decisions, slotModelSchema } from "../../db/shape/construction";
import { messageSchema } from "../../db/shape/content";
import {
  datasetManifestSchema,
  datasetRowSchema,
  recipeSchema,
  storedRecipeSchema,
  whoseSchema,
} from "../../db/shape/dataset";
import { datasetKinds, splits } from "../../db/shape/dataset-kinds";
import { deskKeysSchema } from "../../db/shape/desk";
import { endpointKinds } from "../../db/shape/endpoint";
import { goldPolicySchema, goldUses } from "../../db/shape/gold";
import { hazards } from "../../db/shape/harm";
import {
  askedWords,
  combinations,
  judgePolicySchema,
  judgeSamplingSchema,
  orderRules,
  rubricSchema,
  settlements,
  verdictForms,
} from "../../db/shape/judge";
import { annotationOrigins, inViewSchema } from "../../db/shape/judgement";
import { modelSourceSchema } from "../../db/shape/model";
import { normingSets } from "../../db/shape/norming";
import { raterKinds } from "../../db/shape/people";
import { hourlyRateSchema, retentionSchema } from "../../db/shape/project";
import { alikeSchema, boundedSchema } from "../../db/shape/quality";
import { attackLevels, redTeamPolicySchema, tactics } from "../../db/shape/red-team";
import { preferenceOutcomes } from "../../db/shape/review";
import { runStatuses } from "../../db/shape/run-kinds";
import { trainingMethods } from "../../db/shape/training";
import { auditEntrySchema } from "../audit/schema";
import { clusterSettingsSchema } from "../cluster/schema";
import { comparedSchema, leaderboardSchema, stopSchema } from "../conclusion/schema";
import { candidateSchema, dataAuditSchema, methodSchema } from "../construction/schema";
import { newPromptSchema, promptSchema, responseSchema } from "../content/schema";
import { datasetSchema, datasetVersionSchema, exportSpecSchema } from "../dataset/schema";
import { chosenEndpointSchema } from "../endpoint/schema";
import { evaluateSpecSchema, evaluationSchema } from "../evaluation/schema";
import { answerSchema, formVersionSchema, questionSchema } from "../form/schema";
import { madeGoldSchema, pausedSchema } from "../gold/schema";
import { guidelineVersionSchema } from "../guidelines/schema";
import {
  columnMappingSchema,
  filePreviewSchema,
  importSpecSchema,
  requestedImportSchema,
  savedMappingSchema,
} from "../import/schema";
import { besidePeopleSchema, cardShareSchema } from "../judge/card-schema";
import {
  assemblyPlanInputSchema,
  createdVersionSchema,
  judgeDraftSchema,
  judgeEstimateSchema,
  judgeFilterSchema,
  judgeSchema,
  successorSchema,
} from "../judge/schema";
import { submittedSchema } from "../judgement/schema";
import { textKindSchema } from "../meaning/schema";
import { lineageSchema, modelExportSchema, modelSchema, touchedSchema } from "../model/schema";
import { perPassSchema, sayInNormingSchema, speakerSchema } from "../norming/schema";
import { projectRoleSchema } from "../people/role";
import { deskHabitsSchema, memberSchema, personSchema, signInLinkSchema } from "../people/schema";
import { projectDetailSchema, projectSummarySchema } from "../project/schema";
import { raterSchema } from "../rater/schema";
import { judgedAttemptSchema, measuredSchema, ownAttemptSchema, shareSchema } from "../red-team/schema";
import { changed, someAnnotations } from "../review/router";
import {
  annotationSchema,
  dashboardSchema,
  preferenceRowSchema,
  preferenceViewSchema,
  reviewDetailSchema,
} from "../review/schema";
import { runEventSchema, runKindSchema, runSchema } from "../run/schema";
import { savedViewSchema } from "../saved-view/schema";
import { blindTaskSchema, claimedSchema, holdSchema, shownSchema } from "../seat/schema";
import { secretNameSchema } from "../secret/schema";
import { seatSchema, taskRowSchema } from "../task/schema";
import { machineTokenSchema, tokenSchema } from "../token/schema";
import { launchSchema } from "../training/router";

const [pairRow, rankedRow, unpairedRow, demonstrationRow] = datasetRowSchema.options;

/**
 * What the HTTP API's shapes are called in its OpenAPI document, and so the classes of clients made from it. Every
 * shape that more than one operation takes or gives stands here; what a single one has is named after its place.
 * A shape that comes in with fields to be left out is called `…Input`.
 */
export const named: Record<string, z.ZodType> = {
  Alike: alikeSchema,
  BlockingTest: goldPolicySchema.shape.blocking.unwrap().unwrap(),
  Agreement: preferenceViewSchema.shape.agreement.unwrap(),
  Annotation: annotationSchema,
  AnnotationOrigin: z.enum(annotationOrigins),
  Answer: answerSchema,
  AuditEntry: auditEntrySchema,
  BenchmarkFigure: benchmarkFigureSchema,
  BenchmarkFile: benchmarkFileSchema,
  BenchmarkContamination: benchmarkContaminationSchema,
  AskedBenchmark: askedBenchmarkSchema,
  BlindTask: blindTaskSchema,
  Bounded: boundedSchema,
  ChangedAnnotations: changed,
  ChangedTasks: z.object({ tasks: z.number().int() }),
  Claimed: claimedSchema,
  ClusterSettings: clusterSettingsSchema,
  ComparedQuestion: comparedSchema,
  ConstructionMakes: methodSchema.shape.makes,
  DataAudit: dataAuditSchema,
  DataCandidate: candidateSchema,
  DataDecision: z.enum(decisions),
  DataRecipe: dataRecipeSchema,
  DataSlotModel: slotModelSchema,
  Dashboard: dashboardSchema,
  Dataset: datasetSchema,
  DatasetKind: z.enum(datasetKinds),
  DatasetManifest: datasetManifestSchema,
  DatasetRow: datasetRowSchema,
  DemonstrationRow: demonstrationRow,
  DeskHabits: deskHabitsSchema,
  DeskKeys: deskKeysSchema,
  GoldUse: z.enum(goldUses),
  HourlyRate: hourlyRateSchema,
  ChosenEndpoint: chosenEndpointSchema,
  EndpointKind: z.enum(endpointKinds),
  Evaluation: evaluationSchema,
  ExportCard: exportSpecSchema.shape.card,
  ExportFormat: exportSpecSchema.shape.format,
  ExportLayout: exportSpecSchema.shape.layout,
  FilePreview: filePreviewSchema,
  FormVersion: formVersionSchema,
  GuidelineVersion: guidelineVersionSchema,
  Hold: holdSchema,
  ImportOptions: requestedImportSchema.shape.options,
  InView: inViewSchema,
  Judge: judgeSchema,
  JudgeAssembled: assemblyPlanInputSchema.shape.assembled,
  JudgeCombination: z.enum(combinations),
  JudgeBesidePeople: besidePeopleSchema,
  JudgeCardShare: cardShareSchema,
  JudgeEstimate: judgeEstimateSchema,
  JudgeFilter: judgeFilterSchema,
  JudgeMeasure: judgePolicySchema.shape.measure,
  JudgeOrders: z.enum(orderRules),
  JudgePolicy: judgePolicySchema,
  JudgeRubric: rubricSchema,
  JudgeSampling: judgeSamplingSchema,
  AssembledJudge: assemblyPlanInputSchema,
  JudgeSettings: judgeDraftSchema.shape.settings,
  JudgeSuccessor: successorSchema,
  JudgeSettlement: z.enum(settlements),
  JudgeWords: z.enum(askedWords),
  JudgeVerdictForm: z.enum(verdictForms),
  JudgeVersionIds: createdVersionSchema,
  Launch: launchSchema,
  Leaderboard: leaderboardSchema,
  Lineage: lineageSchema,
  Made: madeGoldSchema,
  MachineToken: machineTokenSchema,
  Member: memberSchema,
  Message: messageSchema,
  Mapping: columnMappingSchema,
  MessageRole: messageSchema.shape.role,
  Model: modelSchema,
  ModelForm: modelExportSchema.shape.form,
  ModelSource: modelSourceSchema,
  Named: z.object({ id: z.uuid(), name: z.string() }),
  NewPrompt: newPromptSchema,
  NormingCounts: perPassSchema,
  AttackLevel: z.enum(attackLevels),
  AttackTactic: z.enum(tactics),
  Attempt: ownAttemptSchema,
  AttemptJudgement: judgedAttemptSchema.shape.judgements.element,
  Hazard: z.enum(hazards),
  Measured: measuredSchema,
  NormingSet: z.enum(normingSets),
  NormingSpeaker: speakerSchema,
  RedTeamGuard: redTeamPolicySchema.shape.guard.unwrap().unwrap(),
  RefusalShare: shareSchema,
  Outcome: z.enum(preferenceOutcomes),
  PairRow: pairRow,
  Person: personSchema,
  Preference: preferenceRowSchema,
  PreferenceOrder: preferenceViewSchema.shape.order,
  PreferenceSort: preferenceViewSchema.shape.sort,
  PreferenceState: preferenceViewSchema.shape.state.unwrap(),
  Project: projectDetailSchema,
  ProjectRole: projectRoleSchema,
  ProjectSummary: projectSummarySchema,
  Prompt: promptSchema,
  Qualification: goldPolicySchema.shape.qualification.unwrap().unwrap(),
  Question: questionSchema,
  RankedRow: rankedRow,
  Rater: raterSchema,
  RaterKind: z.enum(raterKinds),
  Remark: sayInNormingSchema.pick({ text: true }),
  Reason: pausedSchema.pick({ reason: true }),
  Recipe: recipeSchema,
  RecipeJudges: whoseSchema.shape.judges,
  Response: responseSchema,
  Retention: retentionSchema,
  Run: runSchema,
  RunEvent: runEventSchema,
  RunKind: runKindSchema,
  RunStatus: z.enum(runStatuses),
  Sampling: evaluateSpecSchema.shape.sampling,
  Seat: seatSchema,
  SavedMapping: savedMappingSchema,
  SavedView: savedViewSchema,
  SecretName: z.object({ name: secretNameSchema }),
  Shown: shownSchema,
  SignInLink: signInLinkSchema,
  SomeAnnotations: someAnnotations,
  Split: z.enum(splits),
  StoppingState: stopSchema,
  StoredRecipe: storedRecipeSchema,
  Submitted: submittedSchema,
  Task: taskRowSchema,
  TaskReview: reviewDetailSchema,
  Token: tokenSchema,
  TrainingMethod: z.enum(trainingMethods),
  UnpairedRow: unpairedRow,
  UploadedFile: importSpecSchema.shape.files.element,
  TextKind: textKindSchema,
  Version: datasetVersionSchema,
  ViewPage: savedViewSchema.shape.page,
  Work: touchedSchema,
};

/** What an operation's first word stands for. */
export const nouns: Record<string, string> = {
  annotation: "Judging: take a seat on a task, judge, revise, undo, skip.",
  audit: "Who changed what, and when.",
  benchmark: "Models on the field's benchmarks: what they score, and on which items.",
  cluster: "The Ray cluster that large runs go to.",
  collection: "Taking away stored bytes that nothing needs any more.",
  conclusion: "What may be concluded from the votes: rankings, plans, stopping rules, reports.",
  construction: "Data runs: training data made by models, filtered, and looked at by people.",
  content: "Prompts and the responses to them.",
  dataset: "Datasets, their frozen versions, and exports of them.",
  endpoint: "Where models of others answer, what they can do and what they cost.",
  erasure: "Erasing who somebody is.",
  evaluation: "What models write, how they score, and how experts judge them.",
  gold: "Tasks with a known answer: what they say of raters, who qualifies, who is blocked.",
  import: "Files of prompts, responses and judgements.",
  judge: "Models that judge: versions, runs, verdicts.",
  loop: "A demo project that goes the whole loop once.",
  machine: "Workers and the tokens with which machines join.",
  meaning: "Texts by what they mean to a model of the project.",
  member: "Who is in a project, in which role.",
  model: "Models and what lies behind them.",
  norming: "Raters judge the same items, talk about where they differ, and judge again.",
  person: "People of this instance, and yourself.",
  project: "Projects, their guidelines and forms.",
  quality: "How good the judgements of a project are, and whose.",
  rater: "Whoever judges in a project.",
  redTeam: "Attacks on the project's models: made by people, judged by others and by a guard.",
  remark: "What raters and reviewers write to each other about a judgement.",
  review: "Judgements as given, agreement, curation and adjudication.",
  run: "Everything that takes longer than a request.",
  savedView: "What somebody made a table show, kept under a name.",
  secret: "Keys of other services, kept sealed.",
  session: "Where you are signed in.",
  task: "What is to be judged, and by how many.",
  token: "Your API tokens.",
  training: "Training runs, sweeps, and what they show.",
};
