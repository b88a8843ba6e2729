import { wilsonInterval } from "../wilson";
import { answersOf, type BesidePeople, besidePeople, outcomeScale } from "./beside-people";
import { type Compared, type Share, shareByPrompt } from "./compared";
import { cyclesOf } from "./cycles";
import { type Reliability, reliability } from "./reliability";
import { type Sway, swayOf } from "./sway";

/** Failures above this share may carry what is left: the agreement is shown with bounds. */
export const FAILURES_MATTER = 0.02;

/** A verdict by log-probabilities rests on little where less than this lay on its labels together. */
const HALF = 0.5;

/**
 * Of verdicts by log-probabilities, the share that rest on little: the model was about to write something else.
 * @param masses of the replies to one prompt, how much of the first token's probability lay on labels
 */
export function offLabels(masses: readonly { prompt: string; masses: readonly number[] }[]): Share {
  return shareByPrompt(
    masses.map(({ prompt, masses: own }) => ({
      ...{ prompt, of: own.length },
      count: own.filter((mass) => mass < HALF).length,
    })),
  );
}

export interface JudgeCard {
  /** Comparisons with a verdict, and the prompts they belong to. */
  items: number;
  prompts: number;
  besidePeople: BesidePeople;
  /** The same without prompts that the judge was trained on; null where there are none of these. */
  unseen: BesidePeople | null;
  reliability: Reliability;
  sway: Sway;
  cycles: Share;
  /** Comparisons beside people of prompts that the judge was trained on. */
  trainedOn: number;
  failures: Failures;
  offLabels: Share;
}

/** Requests that gave no verdict, by reason. */
export interface Failures {
  asked: number;
  failed: number;
  by: Readonly<Record<string, number>>;
  rate: { share: number; low: number; high: number } | null;
}

/** Failures with their share and its 95 % Wilson interval; null of none that were asked for. */
export const withRate = (failures: Omit<Failures, "rate">): Failures => ({
  ...failures,
  rate: failures.asked === 0 ? null : wilsonInterval(failures.failed, failures.asked),
});

/** All that is known of one version of a judge from comparisons of two responses. */
export function cardOf(
  compared: readonly Compared[],
  { failures, offLabels, drawn }: { failures: Failures; offLabels: Share; drawn: boolean },
): JudgeCard {
  const judged = compared.filter(({ verdicts }) => verdicts.length > 0);
  const scale = outcomeScale(compared, { drawn });
  const trainedOn = judged.filter(
    ({ isTrainedOn, verdict, people }) => isTrainedOn && verdict !== null && people.length > 0,
  ).length;
  const unseen = judged.filter(({ isTrainedOn }) => !isTrainedOn);
  return {
    items: judged.length,
    prompts: new Set(judged.map(({ prompt }) => prompt)).size,
    besidePeople: besidePeople(answersOf(judged), scale),
    unseen: trainedOn > 0 ? besidePeople(answersOf(unseen), scale) : null,
    reliability: reliability(judged),
    sway: swayOf(judged),
    cycles: cyclesOf(judged),
    trainedOn,
    failures,
    offLabels,
  };
}
