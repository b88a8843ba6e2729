import { z } from "zod";
import { besidePeople } from "../../server/statistics/judge/beside-people";
import { cardOf, offLabels, withRate } from "../../server/statistics/judge/card";
import { calibrationSlope, thresholdFor } from "../../server/statistics/judge/cascade";
import { inOrder } from "../../server/statistics/judge/compared";
import { findingsOf } from "../../server/statistics/judge/findings";
import { type Answer, answers, index, number, numbers } from "./case";

const outcome = z.enum(["a", "b", "tie", "both_bad"]);

/** A comparison of responses a and b: what the judge said in each order, a being the same response in both. */
const compared = z.strictObject({
  prompt: z.string(),
  a: z.string().default("a"),
  b: z.string().default("b"),
  verdicts: z.array(
    z.strictObject({
      aFirst: z.boolean(),
      sample: index.default(0),
      outcome,
      p: number.min(0).max(1).nullable().default(null),
    }),
  ),
  people: z.array(outcome).default([]),
  lengthA: number.min(0).default(0),
  lengthB: number.min(0).default(0),
});

export const judgeCases: Record<string, Answer> = {
  // All that a judge's card says of comparisons. `drawn`: that it was drawn for people which response stood first.
  "judge.card": answers(
    z.strictObject({ items: z.array(compared) }),
    { drawn: z.boolean().default(true), failed: index.default(0) },
    ({ items }, { drawn, failed }) => {
      const rows = items.map((item) => {
        const [first, second] = [true, false].map((aFirst) => inOrder({ ...item, verdict: null }, aFirst));
        const verdict = first === null || second === null || first === second ? (first ?? second) : "tie";
        return { ...item, verdict };
      });
      const replies = rows.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
      const failures = withRate({ asked: replies + failed, failed, by: {} });
      const card = cardOf(rows, { failures, offLabels: offLabels([]), drawn });
      return { ...card, findings: findingsOf(card) };
    },
  ),
  // κ and AC of a judge and people, and the ceiling, on any scale.
  "judge.besidePeople": answers(
    z.strictObject({
      items: z.array(z.strictObject({ prompt: z.string(), judge: number, people: numbers })),
      categories: numbers,
    }),
    { weighting: z.enum(["identity", "linear", "quadratic", "ordinal"]).default("identity") },
    ({ items, categories }, { weighting }) => besidePeople(items, { categories, weighting }),
  ),
  // From which sureness on a judge's verdicts surely agree with people as wanted; null where nothing shows it.
  "judge.threshold": answers(
    z.strictObject({
      items: z.array(
        z.strictObject({ prompt: z.string(), sure: number.min(0).max(1), right: number.min(0).max(1) }),
      ),
    }),
    { wanted: number.min(0).max(1) },
    ({ items }, { wanted }) => thresholdFor(items, wanted),
  ),
  // The slope by which people bear a judge's probabilities out; null below 20 comparisons.
  "judge.slope": answers(
    z.strictObject({
      replies: z.array(
        z.strictObject({ item: z.string(), p: number.min(0).max(1), people: number.min(0).max(1) }),
      ),
    }),
    {},
    ({ replies }) => ({ slope: calibrationSlope(replies) }),
  ),
};
