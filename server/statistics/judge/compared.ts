import { groupBy } from "../../group";
import type { outcomeCodes } from "../agreement/pairs";
import { type ClusteredShare, clusteredShare } from "../clustered-share";

/** How a comparison came out, the sides put back: `a` is the same response whoever stood first. */
export type Outcome = keyof typeof outcomeCodes;

/** What an outcome is worth to a. */
export const worth: Readonly<Record<Outcome, number>> = { a: 1, b: 0, tie: 0.5, both_bad: 0.5 };

/** One answer of a judge about two responses, shown in one order. */
export interface Verdict {
  /** Null of a judge that sees no order, as rewards do not. */
  aFirst: boolean | null;
  /** Which of several answers to the very same request, from 0. */
  sample: number;
  outcome: Outcome;
  /** The probability that a is better, where the judge gives one. */
  p: number | null;
}

/** Two responses to a prompt, what one version of a judge said of them, and what people did. */
export interface Compared {
  /** The prompt, which is what is independent. */
  prompt: string;
  a: string;
  b: string;
  /** Whether the judge, or a model that it was made from, was trained on the prompt; not of models elsewhere: nobody knows. */
  isTrainedOn?: boolean;
  verdicts: readonly Verdict[];
  /**
   * What these come to by the judge's own rule, a tie where its orders settle nothing. Null where some of them are
   * missing or failed.
   */
  verdict: Outcome | null;
  /** One vote a person. */
  people: readonly Outcome[];
  /** Characters of the two responses. */
  lengthA: number;
  lengthB: number;
}

/** What the judge said in one order: what most of its samples say, a tie where two lead. Null where it was not asked. */
export function inOrder({ verdicts }: Compared, aFirst: boolean): Outcome | null {
  const own = verdicts.filter((verdict) => verdict.aFirst === aFirst);
  if (own.length === 0) return null;
  const said = [...groupBy(own, ({ outcome }) => outcome)];
  const most = Math.max(...said.map(([, { length }]) => length));
  const leading = said.filter(([, { length }]) => length === most);
  return leading.length === 1 ? leading[0][0] : "tie";
}

/** How likely the judge holds a to be better: the mean over orders of the mean over samples; without a p it is 1, ½ or 0. */
export function probabilityOf({ verdicts }: Compared): number | null {
  const means = [true, false, null].flatMap((aFirst) => {
    const own = verdicts.filter((verdict) => verdict.aFirst === aFirst);
    const sum = own.reduce((total, { p, outcome }) => total + (p ?? worth[outcome]), 0);
    return own.length === 0 ? [] : [sum / own.length];
  });
  return means.length === 0 ? null : means.reduce((sum, each) => sum + each, 0) / means.length;
}

/** What people's votes on a comparison are worth to a, on average; null without any. */
export function peoplesScore({ people }: Compared): number | null {
  return people.length === 0
    ? null
    : people.reduce((sum, outcome) => sum + worth[outcome], 0) / people.length;
}

/** A share of things that belong to prompts, with its interval clustered by prompt, and how many it is of. */
export interface Share extends ClusteredShare {
  count: number;
  of: number;
}

/** Counts by prompt as a share: see `clusteredShare`. */
export function shareByPrompt(counts: readonly { prompt: string; count: number; of: number }[]): Share {
  const some = counts.filter(({ of }) => of > 0);
  const total = (rows: readonly { count: number; of: number }[]) => ({
    count: rows.reduce((sum, { count }) => sum + count, 0),
    of: rows.reduce((sum, { of }) => sum + of, 0),
  });
  const prompts = [...groupBy(some, ({ prompt }) => prompt).values()].map(total);
  return { ...clusteredShare(prompts.map((one) => ({ ...one, clusters: 1 }))), ...total(some) };
}
