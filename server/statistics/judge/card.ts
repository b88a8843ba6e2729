import { wilsonInterval } from "../wilson";
import { answersOf, type BesidePeople, besidePeople, outcomeScale } from "./beside-people";
import type { Compared, Share } from "./compared";
import { cyclesOf } from "./cycles";
import { type Reliability, reliability } from "./reliability";
import { type Sway, swayOf } from "./sway";

/** Failures above this share may carry what is left: the agreement is shown with bounds. */
export const FAILURES_MATTER = 0.02;

export interface JudgeCard {
  /** Comparisons with a verdict, and the prompts they belong to. */
  items: number;
  prompts: number;
  besidePeople: BesidePeople;
  reliability: Reliability;
  sway: Sway;
  cycles: Share;
  /** Comparisons beside people of prompts that the judge was trained on. */
  trainedOn: number;
  failures: Failures;
}

/** Requests that gave no verdict, by reason. */
export interface Failures {
  asked: number;
  failed: number;
  by: Readonly<Record<string, number>>;
  rate: { share: number; low: number; high: number } | null;
}

/** All that is known of one version of a judge from comparisons of two responses. */
export function cardOf(
  compared: readonly Compared[],
  { failures, bothBad, drawn }: { failures: Omit<Failures, "rate">; bothBad: boolean; drawn: boolean },
): JudgeCard {
  const judged = compared.filter(({ verdicts }) => verdicts.length > 0);
  return {
    items: judged.length,
    prompts: new Set(judged.map(({ prompt }) => prompt)).size,
    besidePeople: besidePeople(answersOf(judged), outcomeScale({ bothBad, drawn })),
    reliability: reliability(judged),
    sway: swayOf(judged),
    cycles: cyclesOf(judged),
    trainedOn: judged.filter(
      ({ isTrainedOn, verdict, people }) => isTrainedOn && verdict !== null && people.length > 0,
    ).length,
    failures: {
      ...failures,
      rate: failures.asked === 0 ? null : wilsonInterval(failures.failed, failures.asked),
    },
  };
}
