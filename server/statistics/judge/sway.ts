import { clusteredMean } from "../clustered-mean";
import type { Estimate } from "../estimate";
import {
  type Compared,
  inOrder,
  type Outcome,
  peoplesScore,
  type Share,
  shareByPrompt,
  worth,
} from "./compared";

/** What of a judge's verdicts has to do with anything but the responses' worth. */
export interface Sway {
  /** Of the comparisons that it judged in both orders, the share with the same verdict. */
  consistency: Share;
  /** How often two orders would agree that have nothing to do with each other, with the verdicts as frequent as they are. */
  consistencyByChance: number | null;
  /** Of the verdicts for one of two responses, the share for the one shown first; ½ is none. */
  first: Share;
  /** Of the verdicts for one of two responses of unlike length, the share for the longer. */
  longer: Share;
  /** How much more the longer is worth to the judge than to people on the same comparisons; 0 is none, from −1 to 1. */
  longerThanPeople: Estimate;
  /** Of two answers to the very same request, the share that are the same. */
  retest: Share;
}

/**
 * Position, length and chance in a judge's verdicts, intervals clustered by prompt.
 *
 * Position: where it judged in both orders, only those comparisons count, so that the better response stands first as
 * often as second; a judge asked in one order must have had it drawn. Length: a judge that likes the longer because it is
 * the better does as people do, so that people's liking, on the same comparisons, is taken off (as own-family bias is);
 * a judge that answers at random likes length less than people do, and its figure is below 0.
 * Sources: Wang et al., arXiv 2305.17926, for position; Saito et al., arXiv 2310.10076, for length beside people.
 */
export function swayOf(compared: readonly Compared[]): Sway {
  const both = compared.flatMap((one) => {
    const [first, second] = [inOrder(one, true), inOrder(one, false)];
    return first === null || second === null ? [] : [{ one, first, second }];
  });
  const twice = new Set(both.map(({ one }) => one));
  return {
    consistency: shareByPrompt(
      both.map(({ one, first, second }) => ({
        prompt: one.prompt,
        count: Number(first === second),
        of: 1,
      })),
    ),
    consistencyByChance: alikeByChance(both),
    first: shareByPrompt(
      compared.flatMap((one) => {
        if (both.length > 0 && !twice.has(one)) return [];
        return [true, false].flatMap((aFirst) => {
          const outcome = inOrder(one, aFirst);
          if (outcome !== "a" && outcome !== "b") return [];
          return [{ prompt: one.prompt, count: Number((outcome === "a") === aFirst), of: 1 }];
        });
      }),
    ),
    longer: shareByPrompt(
      compared.flatMap((one) => {
        const { verdict } = one;
        if ((verdict !== "a" && verdict !== "b") || one.lengthA === one.lengthB) return [];
        return [
          { prompt: one.prompt, count: Number((verdict === "a") === one.lengthA > one.lengthB), of: 1 },
        ];
      }),
    ),
    longerThanPeople: clusteredMean(
      compared.flatMap((one) => {
        const [verdict, people] = [one.verdict, peoplesScore(one)];
        if (verdict === null || people === null || one.lengthA === one.lengthB) return [];
        const more = worth[verdict] - people;
        return [{ cluster: one.prompt, value: one.lengthA > one.lengthB ? more : -more }];
      }),
    ),
    retest: shareByPrompt(compared.flatMap(retestOf)),
  };
}

/** Pairs of samples of one request, and how many of these say the same. */
function retestOf({ prompt, verdicts }: Compared): { prompt: string; count: number; of: number }[] {
  return [true, false].map((aFirst) => {
    const own = verdicts.filter((verdict) => verdict.aFirst === aFirst);
    let [count, of] = [0, 0];
    for (const [i, one] of own.entries())
      for (const other of own.slice(0, i)) {
        of++;
        if (one.outcome === other.outcome) count++;
      }
    return { prompt, count, of };
  });
}

/** 2·P(first shown)·P(second shown) + P(tie)² + P(both bad)²: which response is called a does not matter. */
function alikeByChance(both: readonly { first: Outcome; second: Outcome }[]): number | null {
  if (both.length === 0) return null;
  // Which of the two was shown first is a in the one order and b in the other.
  const shown = both.flatMap(({ first, second }) => [
    first,
    second === "a" ? "b" : second === "b" ? "a" : second,
  ]);
  const share = (outcome: Outcome) => shown.filter((each) => each === outcome).length / shown.length;
  return 2 * share("a") * share("b") + share("tie") ** 2 + share("both_bad") ** 2;
}

/**
 * How often two versions of a judge say the same of the same comparisons, such as one and its rubric in other words.
 * @param pairs what the one and the other said, of each comparison
 */
export function sameVerdicts(pairs: readonly { prompt: string; one: Outcome; other: Outcome }[]): Share {
  return shareByPrompt(
    pairs.map(({ prompt, one, other }) => ({ prompt, count: Number(one === other), of: 1 })),
  );
}
