import { z } from "zod";
import { fragility, fragilityOf } from "../../server/statistics/design/fragility";
import { comparisonsFor, itemsForHalfWidth } from "../../server/statistics/design/power";
import { bettingSequence, msprt } from "../../server/statistics/design/sequential";
import { spendingBounds } from "../../server/statistics/design/spending";
import { InputError } from "../../server/statistics/estimate";
import { blockingTest, goldAccuracy, sequentialVerdict } from "../../server/statistics/gold/gold";
import { type Answer, answers, index, number, numbers } from "./case";
import { namesOf, votesOf, votesShape } from "./ranking";

const share = number.gt(0).lt(1);
const list = (each: z.ZodType<number>) => z.union([each.transform((one) => [one]), z.array(each)]);
const outcomes = z.array(number.min(0).max(1));

/** States by time, `after10` and so on: every tenth, and the last; or those asked for. */
function after<T>(states: readonly T[], at: readonly number[] | undefined): Record<string, T> {
  const times = at ?? [...states.keys()].map((i) => i + 1).filter((t) => t % 10 === 0 || t === states.length);
  return Object.fromEntries(
    times.map((t) => {
      const state = states[t - 1];
      if (state === undefined)
        throw new InputError(`input.at: there are ${states.length} votes, none at ${t}`);
      return [`after${t}`, state];
    }),
  );
}

/** A share as Python writes it: 0.6, and 0.0 with its point. */
const written = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** Two counts as "60-40" or "9/10", or as a pair of numbers. */
const countsBy = (separator: "-" | "/") =>
  z.union([
    z.tuple([index, index]),
    z
      .string()
      .regex(new RegExp(`^\\d+\\${separator}\\d+$`), `write two counts such as 9${separator}10`)
      .transform((text): [number, number] => {
        const [one, other] = text.split(separator).map(Number);
        return [one, other];
      }),
  ]);

export const designCases: Record<string, Answer> = {
  "design.winRate": answers(
    z.strictObject({
      alpha: share.default(0.05),
      power: share.default(0.8),
      p: list(share).default([0.52, 0.55, 0.6]),
      ties: list(number.min(0).lt(1)).default([0, 0.2, 0.4]),
    }),
    {},
    ({ alpha, power, p, ties }) =>
      Object.fromEntries(
        p.flatMap((rate) =>
          ties.map((tied) => [
            `p=${written(rate)},ties=${written(tied)}`,
            comparisonsFor({ p: rate, ties: tied, alpha, power }),
          ]),
        ),
      ),
  ),
  "design.halfWidth": answers(
    z.strictObject({ items: index, halfWidth: number.positive(), wanted: number.positive() }),
    {},
    (given) => ({ items: itemsForHalfWidth(given) }),
  ),
  "design.confidenceSequence": answers(
    z.strictObject({ x: outcomes, alpha: share.default(0.05), at: z.array(z.int().min(1)).optional() }),
    {},
    ({ x, alpha, at }) => after(bettingSequence(x, { alpha }), at),
  ),
  "design.msprt": answers(
    z.strictObject({
      x: outcomes,
      alpha: share.default(0.05),
      sigma2: number.positive().default(0.25),
      tau2: number.positive().default(0.01),
      at: z.array(z.int().min(1)).optional(),
    }),
    {},
    ({ x, at, ...options }) => after(msprt(x, options), at),
  ),
  // Wins and losses of two models.
  "design.fragility": answers(
    z.strictObject({
      rule: z.string().optional(),
      counts: z.array(countsBy("-")).default([
        [60, 40],
        [51, 49],
        [50, 50],
        [100, 0],
      ]),
    }),
    {},
    ({ counts }) =>
      Object.fromEntries(counts.map(([wins, losses]) => [`${wins}-${losses}`, fragility(wins, losses)])),
  ),
  "design.fragilityBT": answers(
    z.strictObject({ ...votesShape, pair: z.tuple([index, index]).optional() }),
    {},
    ({ pair, ...given }) => {
      const found = fragilityOf(votesOf(given), pair);
      if (!("leader" in found)) return found;
      const names = namesOf(given);
      const named = (model: number) => names?.[model] ?? model;
      return { ...found, leader: named(found.leader), second: named(found.second) };
    },
  ),
  "design.spending": answers(
    z.strictObject({ fractions: numbers }),
    { alpha: share.default(0.05) },
    ({ fractions }, options) => ({
      bounds: spendingBounds(fractions, options),
    }),
  ),
  // Correct answers of gold items.
  "gold.posterior": answers(
    z.strictObject({
      a: number.positive().default(8),
      b: number.positive().default(2),
      threshold: share.default(0.7),
      counts: z.array(countsBy("/")).default([
        [0, 3],
        [5, 10],
        [9, 10],
        [18, 20],
      ]),
    }),
    {},
    ({ counts, ...options }) =>
      Object.fromEntries(
        counts.map(([correct, n]) => [`${correct}/${n}`, goldAccuracy(correct, n, options)]),
      ),
  ),
  "gold.sprt": answers(
    z.strictObject({
      good: share.default(0.85),
      bad: share.default(0.6),
      alpha: share.default(0.01),
      beta: share.default(0.05),
      /** Answers in their order: 1 correct, 0 wrong. */
      answers: z.array(z.union([z.boolean(), z.literal([0, 1])])).optional(),
    }),
    {},
    ({ answers: given, ...options }) => {
      const test = blockingTest(options);
      return given ? { ...test, ...sequentialVerdict(given.map(Boolean), test) } : test;
    },
  ),
};
