import { coefficientText } from "../estimate";
import { interval } from "../share";
import { FAILURES_MATTER, type JudgeCard } from "./card";
import type { Share } from "./compared";
import { CYCLES_BY_CHANCE } from "./cycles";

/** What a card says of its judge. */
export interface Finding {
  /** `wrong`: its verdicts are not to be used; `warning`: use them with care; `good`. */
  weight: "wrong" | "warning" | "good";
  text: string;
}

/** Verdicts go by what they have nothing to do with, in so many cases that little else is left. */
const MOSTLY = 0.9;
/** A leaning that matters: one comparison in ten. */
const MATTERS = 0.1;
/** A κ that is surely below this is little beyond chance. */
const LITTLE = 0.4;
/** How often GPT-4 says the same with the sides swapped (arXiv 2306.05685, table 2). */
const CONSISTENT = 0.65;
/** Comparisons beside people that a card wants: 100 to 200. */
const ENOUGH = 100;

const comparisons = (count: number) => (count === 1 ? "one comparison" : `${count} comparisons`);

type Bounds = { low: number | null; high: number | null };

const isAway = ({ low, high }: Bounds, from: number) =>
  low !== null && high !== null && (low > from || high < from);

/**
 * What a card says, as sentences, the weightiest first: a judge that goes by position, by length or by coin is named as
 * that, whatever its agreement looks like. Each claim rests on an interval, not on an estimate.
 * @param flips the share of its replies that are others where the rubric stands in other words; null: nobody asked
 */
export function findingsOf(
  card: JudgeCard,
  flips: Pick<Share, "estimate" | "low" | "high"> | null = null,
): Finding[] {
  const rank = { wrong: 0, warning: 1, good: 2 };
  const looks = [positionOf, lengthOf, worthOf, trainedOf, swappedOf, circlesOf, ceilingOf, surenessOf];
  return [...looks, labelsOf, failuresOf, sizeOf]
    .flatMap((look) => look(card) ?? [])
    .concat(wordsOf(flips))
    .sort((one, other) => rank[one.weight] - rank[other.weight]);
}

/** The larger side of a share, with its interval. */
function sideOf({ estimate, low, high }: Bounds & { estimate: number }) {
  const isMore = estimate > 0.5;
  const share = isMore ? estimate : 1 - estimate;
  const rest = (value: number | null) => (value === null ? null : 1 - value);
  return {
    isMore,
    share,
    text: interval(share, isMore ? { low, high } : { low: rest(high), high: rest(low) }),
  };
}

function positionOf({ sway: { first } }: JudgeCard): Finding | null {
  if (first.estimate === null || !isAway(first, 0.5)) return null;
  const { isMore, share, text } = sideOf({ ...first, estimate: first.estimate });
  const said = `${text} of its verdicts for one response are for the one shown ${isMore ? "first" : "second"}`;
  if (share >= MOSTLY) return { weight: "wrong", text: `It goes by position: ${said}.` };
  return share - 0.5 < MATTERS
    ? null
    : { weight: "warning", text: `It leans to one position: ${said}, where 50 % would be none.` };
}

function lengthOf({ sway: { longer, longerThanPeople: more } }: JudgeCard): Finding | null {
  if (longer.estimate === null || !isAway(longer, 0.5)) return null;
  const { isMore, share, text } = sideOf({ ...longer, estimate: longer.estimate });
  const said = `${text} of its verdicts for one response are for the ${isMore ? "longer" : "shorter"}`;
  if (share >= MOSTLY) return { weight: "wrong", text: `It goes by length: ${said}.` };
  return more.estimate !== null && more.estimate >= MATTERS && isAway(more, 0)
    ? { weight: "warning", text: `It likes length more than people do: ${said}.` }
    : null;
}

function worthOf({ besidePeople, unseen }: JudgeCard): Finding | null {
  // On what it was trained on it shows what it remembers.
  const { kappa, items } = unseen ?? besidePeople;
  if (items === 0) return null;
  const text = `κ with people ${coefficientText(kappa)} on ${comparisons(items)}.`;
  if (kappa.estimate === null) return { weight: "warning", text };
  const isOpen = kappa.low === null || kappa.high === null;
  if (isOpen ? kappa.estimate > 0 : (kappa.low ?? 0) > 0) return null;
  // Without an interval, as of one answer throughout, a few say nothing.
  return (isOpen ? items >= ENOUGH : (kappa.high ?? 0) < LITTLE)
    ? { weight: "wrong", text: `It cannot be told from chance: ${text}` }
    : { weight: "warning", text: `It cannot be told from chance yet: ${text}` };
}

/** Agreement with people on what it has learnt from them says nothing of what it has not seen. */
function trainedOf({ trainedOn, besidePeople: { items }, unseen }: JudgeCard): Finding | null {
  if (unseen === null) return null;
  const elsewhere =
    unseen.items === 0
      ? "Let it judge others that people have judged."
      : `On the other ${unseen.items}: κ ${coefficientText(unseen.kappa)}.`;
  return {
    weight: "warning",
    text: `It was trained on the prompts of ${trainedOn} of the ${items} comparisons beside people: its agreement there is no sign of what it is worth elsewhere. ${elsewhere}`,
  };
}

function swappedOf(card: JudgeCard): Finding | null {
  const { consistency, consistencyByChance: chance } = card.sway;
  const { estimate, low, high } = consistency;
  // That its verdict goes when the sides are swapped is what going by position means.
  if (estimate === null || chance === null || positionOf(card)?.weight === "wrong") return null;
  const text = `with the sides swapped it says the same in ${interval(estimate, consistency)}`;
  if (low === null || high === null || high >= CONSISTENT) return null;
  return low <= chance
    ? {
        weight: "wrong",
        text: `It contradicts itself: ${text}, no more than coins would (${(100 * chance).toFixed(0)} %).`,
      }
    : { weight: "warning", text: `It often contradicts itself: ${text}.` };
}

function circlesOf({ cycles }: JudgeCard): Finding | null {
  const { estimate, low, of } = cycles;
  return estimate !== null && low !== null && low >= MATTERS / 2
    ? {
        weight: "warning",
        text: `Its preferences go round in circles: ${interval(estimate, cycles)} of ${of} triples, where coins would give ${100 * CYCLES_BY_CHANCE} %.`,
      }
    : null;
}

function ceilingOf({ besidePeople }: JudgeCard): Finding | null {
  const { judge, people, gap } = besidePeople.shared.kappa;
  if (gap.low === null || gap.high === null) return null;
  const both = `κ ${coefficientText(judge)} beside ${coefficientText(people)} of two people on the same comparisons`;
  if (gap.high < 0)
    return {
      weight: "warning",
      text: `It agrees with people less than they do with one another: ${both}.`,
    };
  // Beside people who hardly agree, to be no worse is nothing to praise.
  if ((judge.low ?? 0) <= 0 || (people.low ?? 0) <= 0) return null;
  return gap.low > 0
    ? { weight: "good", text: `It agrees with a person more than another person does: ${both}.` }
    : { weight: "good", text: `It cannot be told from one more person: ${both}.` };
}

function surenessOf({ reliability }: JudgeCard): Finding | null {
  const { isGraded, error, byChance, overconfidence } = reliability;
  if (!isGraded || error === null || byChance === null || error - byChance < MATTERS) return null;
  return {
    weight: "warning",
    text: `Its probabilities are not borne out: calibration error ${error.toFixed(2)}, where chance alone would give ${byChance.toFixed(2)}.${
      isAway(overconfidence, 0)
        ? ` It is ${(overconfidence.estimate ?? 0) > 0 ? "surer" : "less sure"} than it should be.`
        : ""
    }`,
  };
}

function wordsOf(flips: Pick<Share, "estimate" | "low" | "high"> | null): Finding[] {
  if (flips?.estimate == null || flips.low === null || flips.low < MATTERS) return [];
  return [
    {
      weight: "warning",
      text: `It hangs on the words of its rubric: in other words ${interval(flips.estimate, flips)} of its replies say another thing.`,
    },
  ];
}

function labelsOf({ offLabels }: JudgeCard): Finding | null {
  const { estimate, low } = offLabels;
  return estimate !== null && low !== null && low >= MATTERS / 2
    ? {
        weight: "warning",
        text: `In ${interval(estimate, offLabels)} of its replies the labels held less than half of the probability: it was about to write something else. Have the verdict read in another form.`,
      }
    : null;
}

function failuresOf({ failures: { rate } }: JudgeCard): Finding | null {
  return rate && rate.share > FAILURES_MATTER
    ? {
        weight: "warning",
        text: `${interval(rate.share, rate)} of its replies hold no verdict: figures are of the rest.`,
      }
    : null;
}

function sizeOf({ besidePeople, unseen }: JudgeCard): Finding | null {
  const { items } = unseen ?? besidePeople;
  return items < ENOUGH
    ? {
        weight: "warning",
        text:
          items === 0
            ? unseen
              ? "No person judged what it judged and was not trained on: nothing says what it is worth."
              : "No person judged what it judged: nothing says what it is worth."
            : `It stands beside people on ${comparisons(items)}; with ${ENOUGH} to 200 its worth can be told.`,
      }
    : null;
}
