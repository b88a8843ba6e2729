import { fitLogistic, logistic } from "../math/logistic";
import { wilsonInterval } from "../wilson";
import { type Share, shareByPrompt } from "./compared";

/** Probabilities of 0 and 1, as verdicts without log-probabilities have them, count as these. */
const SUREST = 0.995;
/** Comparisons beside people below which probabilities are taken as they are. */
const FEWEST = 20;
/** Sets of the surest verdicts that are looked at: a tenth, two tenths and so on. */
const TENTHS = 10;

const logit = (p: number) => {
  const inside = Math.min(SUREST, Math.max(1 - SUREST, p));
  return Math.log(inside / (1 - inside));
};

/**
 * The slope that brings a judge's probabilities to what people bear out, P(a better) = σ(slope · logit p): Platt's map
 * without its intercept, so that nothing depends on which of two responses is called a. A judge whom people contradict
 * gets 0, not a slope below: then it is never sure, and nothing that it says is turned round.
 * Source: Platt, Advances in Large Margin Classifiers (1999).
 * @param replies p of each reply, and what people's votes are worth to a, 0 to 1
 * @returns null for fewer than 20 comparisons
 */
export function calibrationSlope(
  replies: readonly { item: string; p: number; people: number }[],
): number | null {
  if (new Set(replies.map(({ item }) => item)).size < FEWEST) return null;
  const rows = replies.length;
  const fit = fitLogistic({
    design: {
      ...{ rows, columns: 1, width: 1, index: new Int32Array(rows) },
      value: Float64Array.from(replies, ({ p }) => logit(p)),
    },
    weight: new Float64Array(rows).fill(1),
    target: Float64Array.from(replies, ({ people }) => people),
    ridge: new Float64Array(1).fill(1e-6),
  });
  return fit && Math.max(0, fit.x[0]);
}

/** A probability as people bear it out. */
export const calibrated = (p: number, slope: number): number => logistic(slope * logit(p));

/** How sure replies to one comparison are together, 0 to 1; orders that disagree make it unsure. Null without replies. */
export function sureness(ps: readonly number[], slope: number): number | null {
  if (ps.length === 0) return null;
  const mean = ps.reduce((sum, p) => sum + calibrated(p, slope), 0) / ps.length;
  return Math.abs(2 * mean - 1);
}

/** A verdict beside people: how sure it was, and the share of people's votes for what it says. */
export interface Sure {
  prompt: string;
  sure: number;
  right: number;
}

/** From which sureness on verdicts stand, and what is known of those that do. */
export interface Threshold {
  /** Null: no set of the surest is sure to agree as wanted; what is said of `right` is then of the smallest looked at. */
  threshold: number | null;
  /** Verdicts that would stand, of all. */
  settled: number;
  of: number;
  right: Share;
}

/**
 * The lowest threshold from which on verdicts agree with people as wanted, held by a 97.5 % bound. Sets of the surest
 * tenth, two tenths and so on are tested in turn, from the first that has twice the prompts that could show it at all, and
 * the last before the first failure is taken: whichever that is, the chance that it holds what it should not is that of
 * one test. It is for comparisons drawn as those that the judge will see.
 * Source: Jung, Brahman & Choi, "Trust or Escalate", arXiv 2407.18370 (fixed-sequence testing; here clustered by prompt).
 */
export function thresholdFor(verdicts: readonly Sure[], wanted: number): Threshold {
  const sorted = verdicts
    .filter(({ sure }) => sure > 0)
    .sort((one, other) => other.sure - one.sure || (one.prompt < other.prompt ? -1 : 1));
  const of = verdicts.length;
  let found: Threshold = { threshold: null, settled: 0, of, right: rightOf([]) };
  for (let tenth = 1; tenth <= TENTHS; tenth++) {
    const least = sorted[Math.ceil((tenth * sorted.length) / TENTHS) - 1]?.sure;
    if (least === undefined) break;
    const own = sorted.filter(({ sure }) => sure >= least);
    const right = rightOf(own);
    if (!couldShow(Math.floor(right.clusters / 2), wanted)) {
      if (found.threshold === null) found = { threshold: null, settled: own.length, of, right };
      continue;
    }
    if (right.low === null || right.low < wanted)
      return found.threshold === null ? { threshold: null, settled: own.length, of, right } : found;
    found = { threshold: least, settled: own.length, of, right };
  }
  return found;
}

const rightOf = (own: readonly Sure[]): Share =>
  shareByPrompt(own.map(({ prompt, right }) => ({ prompt, count: right, of: 1 })));

/** Whether so many prompts, all of them right, would show it. */
const couldShow = (prompts: number, wanted: number) =>
  prompts > 0 && wilsonInterval(prompts, prompts).low >= wanted;
