import { coefficientText } from "../estimate";
import { interval } from "../share";
import { FAILURES_MATTER, type JudgeCard } from "./card";
import { CYCLES_BY_CHANCE } from "./cycles";

/** What a card says of its judge, worst first. */
export interface Finding {
  /** `wrong`: its verdicts are not to be used; `warning`: use them with care; `good`. */
  weight: "wrong" | "warning" | "good";
  text: string;
}

/** Verdicts go by what they have nothing to do with, in so many cases that little else is left. */
const MOSTLY = 0.9;
/** A leaning that matters: one comparison in ten. */
const MATTERS = 0.1;
/** Items that a calibration wants: EVALUATION.md asks for 100 to 200. */
export const ENOUGH = 100;

/**
 * What a card says, as sentences: a judge that goes by position, by length or by coin is named as that, whatever its
 * agreement looks like. Each claim rests on an interval, not on an estimate.
 */
export function findingsOf(card: JudgeCard): Finding[] {
  const { besidePeople, sway, cycles, failures, reliability } = card;
  const found: Finding[] = [];
  const say = (weight: Finding["weight"], text: string) => void found.push({ weight, text });

  const { first, consistency, consistencyByChance, longer, longerThanPeople } = sway;
  const away = ({ low, high }: { low: number | null; high: number | null }, from: number) =>
    low !== null && high !== null && (low > from || high < from);
  if (first.estimate !== null && away(first, 0.5)) {
    const shown = first.estimate > 0.5 ? "first" : "second";
    const share = Math.max(first.estimate, 1 - first.estimate);
    const text = `${interval(share, turned(first, shown === "second"))} of its verdicts for one response are for the one shown ${shown}`;
    if (share >= MOSTLY) say("wrong", `It goes by position: ${text}.`);
    else if (share - 0.5 >= MATTERS)
      say("warning", `It leans to one position: ${text}, where 50 % would be none.`);
  }
  if (longer.estimate !== null && away(longer, 0.5)) {
    const length = longer.estimate > 0.5 ? "longer" : "shorter";
    const share = Math.max(longer.estimate, 1 - longer.estimate);
    const text = `${interval(share, turned(longer, length === "shorter"))} of its verdicts for one response are for the ${length}`;
    if (share >= MOSTLY) say("wrong", `It goes by length: ${text}.`);
    else if (
      Math.abs(longerThanPeople.estimate ?? 0) >= MATTERS &&
      away(longerThanPeople, 0) &&
      length === "longer" &&
      (longerThanPeople.estimate ?? 0) > 0
    )
      say("warning", `It likes length more than people do: ${text}.`);
  }
  const { kappa } = besidePeople;
  if (kappa.estimate === null) say("warning", `Its agreement with people is ${coefficientText(kappa)}`);
  else if (kappa.low === null ? kappa.estimate <= 0 : kappa.low <= 0)
    say(
      "wrong",
      `It cannot be told from chance: κ with people ${coefficientText(kappa)} on ${besidePeople.items} comparisons.`,
    );
  if (consistency.estimate !== null && consistencyByChance !== null) {
    if (
      consistency.low === null
        ? consistency.estimate <= consistencyByChance
        : consistency.low <= consistencyByChance
    )
      say(
        "wrong",
        `It contradicts itself: with the sides swapped it says the same in ${interval(consistency.estimate, consistency)}, no more than coins would (${(100 * consistencyByChance).toFixed(0)} %).`,
      );
    else if (consistency.estimate < 0.65)
      say(
        "warning",
        `With the sides swapped it says the same in ${interval(consistency.estimate, consistency)} only.`,
      );
  }
  if (cycles.estimate !== null && cycles.low !== null && cycles.high !== null) {
    if (cycles.low <= CYCLES_BY_CHANCE && CYCLES_BY_CHANCE <= cycles.high)
      say(
        "warning",
        `Its preferences go round in circles as often as coins would: ${interval(cycles.estimate, cycles)} of ${cycles.of} triples.`,
      );
  }
  const { judge, people, gap } = besidePeople.shared.kappa;
  if (gap.estimate !== null && gap.low !== null && gap.high !== null) {
    const both = `κ ${coefficientText(judge)} beside ${coefficientText(people)} of two people on the same comparisons`;
    if (gap.high < 0) say("warning", `It agrees with people less than they do with one another: ${both}.`);
    else if (gap.low > 0) say("good", `It agrees with a person more than another person does: ${both}.`);
    else if ((kappa.low ?? 0) > 0)
      say("good", `It agrees with people about as they do with one another: ${both}.`);
  }
  const { error, byChance, overconfidence } = reliability;
  if (error !== null && byChance !== null && error - byChance >= MATTERS && away(overconfidence, 0))
    say(
      "warning",
      `Its probabilities are not borne out: calibration error ${error.toFixed(2)}, where chance alone would give ${byChance.toFixed(2)}. It is ${(overconfidence.estimate ?? 0) > 0 ? "surer" : "less sure"} than it should be.`,
    );
  if (failures.rate && failures.rate.share > FAILURES_MATTER)
    say(
      "warning",
      `${interval(failures.rate.share, failures.rate)} of its replies hold no verdict: figures are of the rest.`,
    );
  if (besidePeople.items < ENOUGH)
    say(
      "warning",
      `It stands beside people on ${besidePeople.items} comparisons; ${ENOUGH} and more say what it is worth.`,
    );
  const rank = { wrong: 0, warning: 1, good: 2 };
  return found.sort((one, other) => rank[one.weight] - rank[other.weight]);
}

/** An interval of a share as that of what is left of 1. */
const turned = ({ low, high }: { low: number | null; high: number | null }, isTurned: boolean) =>
  isTurned ? { low: high === null ? null : 1 - high, high: low === null ? null : 1 - low } : { low, high };
