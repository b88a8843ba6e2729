import type { RowValue } from "../source/row";
import { alpacaEvalOutputs, judgedOutputs } from "./alpaca-eval";
import { arenaBattles, arenaCompetition } from "./arena";
import { argillaFlat, argillaRecords } from "./argilla";
import { beaverTails } from "./beavertails";
import { chatLog } from "./chat-log";
import {
  alpaca,
  messagesSft,
  promptCompletion,
  promptsOnly,
  questionAnswer,
  shareGpt,
} from "./demonstration";
import { distilabel } from "./distilabel";
import { doccano } from "./doccano";
import {
  multipleChoice,
  promptTemplate,
  pubMedQa,
  seedTasks,
  tableQuestions,
  templatedTable,
} from "./examinations";
import { fineGrainedFeedback } from "./fine-grained";
import { shp, stackExchange } from "./forum";
import { alpacaRanked, rankedCompletions, stepwise, unpaired } from "./graded";
import { helpSteer2Preference, helpSteer3Preference, helpSteerRatings } from "./helpsteer";
import { kilnRun } from "./kiln";
import { kwise } from "./kwise";
import { labelStudio, labelStudioRows } from "./label-studio";
import { behaviourQuestions, haluEval, markedSolutions, truthfulQa } from "./labelled";
import { wmtMqm } from "./mqm";
import { mtBenchAnswers, mtBenchQuestions, mtBenchVotes } from "./mt-bench";
import { nectar } from "./nectar";
import { oasstTree } from "./oasst";
import { summaryAxes, summaryComparisons, webGpt } from "./openai-feedback";
import { openAiPreference } from "./openai-preference";
import { pandalm, pandalmGptVerdicts, pandalmOwnVerdicts } from "./pandalm";
import { potato, potatoTable } from "./potato";
import { hhTranscripts, preference } from "./preference";
import { prism } from "./prism";
import { prm800k } from "./prm800k";
import { prodigyChoice, prodigyCompare } from "./prodigy";
import { promptResponse } from "./prompt-response";
import { rewardBench2 } from "./reward-bench";
import { safeRlhf } from "./safe-rlhf";
import type { KnownShape, Shape } from "./shape";
import { sideBySide } from "./sides";
import { squalityQuestions, squalityReviews } from "./squality";
import { swiftPreference } from "./swift";
import { langfuseItems, langfuseTraces, langSmith } from "./traces";
import { ukpAnnotations, ukpArguments, ukpPairs } from "./ukpconvarg";
import { ultraFeedback } from "./ultrafeedback";
import { bedrock, gemini } from "./vendor-sft";

/** From the most to the least specific: the first that recognises the rows is meant. Companions in reading order. */
export const shapes: readonly KnownShape[] = [
  promptTemplate,
  ukpArguments,
  ukpPairs,
  ukpAnnotations,
  mtBenchQuestions,
  mtBenchAnswers,
  labelStudio,
  argillaRecords,
  argillaFlat,
  labelStudioRows,
  prodigyCompare,
  prodigyChoice,
  kilnRun,
  langfuseItems,
  langfuseTraces,
  langSmith,
  distilabel,
  prm800k,
  potato,
  potatoTable,
  arenaBattles,
  mtBenchVotes,
  arenaCompetition,
  helpSteer2Preference,
  helpSteer3Preference,
  helpSteerRatings,
  openAiPreference,
  safeRlhf,
  beaverTails,
  shp,
  stackExchange,
  webGpt,
  summaryComparisons,
  summaryAxes,
  nectar,
  ultraFeedback,
  rewardBench2,
  prism,
  gemini,
  bedrock,
  swiftPreference,
  chatLog,
  pandalm,
  pandalmGptVerdicts,
  pandalmOwnVerdicts,
  squalityQuestions,
  squalityReviews,
  wmtMqm,
  fineGrainedFeedback,
  oasstTree,
  pubMedQa,
  tableQuestions,
  truthfulQa,
  haluEval,
  behaviourQuestions,
  markedSolutions,
  multipleChoice,
  seedTasks,
  hhTranscripts,
  preference,
  judgedOutputs,
  alpacaEvalOutputs,
  rankedCompletions,
  stepwise,
  unpaired,
  kwise,
  messagesSft,
  shareGpt,
  promptCompletion,
  alpacaRanked,
  alpaca,
  templatedTable,
  questionAnswer,
  sideBySide,
  doccano,
  promptResponse,
  promptsOnly,
];

export interface Detection {
  shape: Shape;
  /** Why, in words for the person who imports. */
  reason: string;
}

/** The most specific shape that at least four in five of the sampled rows have. */
export function detectShape(sample: readonly RowValue[]): Detection | null {
  for (const shape of shapes) {
    const fitting = sample.filter((row) => shape.recognises(row)).length;
    if (sample.length > 0 && fitting >= sample.length * 0.8)
      return { shape, reason: `${fitting} of the first ${sample.length} rows have ${shape.looksLike}.` };
  }
  return null;
}
