import { z } from "zod";
import { beyondChance, conger } from "../../server/statistics/agreement/chance";
import { type Coefficient, sumsOf } from "../../server/statistics/agreement/coefficient";
import { cohen } from "../../server/statistics/agreement/cohen";
import { intraclass, oneWay } from "../../server/statistics/agreement/icc";
import { agreement, bootstrapAgreement } from "../../server/statistics/agreement/interval";
import { krippendorff, type Level } from "../../server/statistics/agreement/krippendorff";
import { overPrompts, rankAgreement } from "../../server/statistics/agreement/rankings";
import { type Ratings, type Units, unitsOf } from "../../server/statistics/agreement/ratings";
import { type RawWeighting, raw } from "../../server/statistics/agreement/raw";
import type { Weighting } from "../../server/statistics/agreement/weights";
import { InputError } from "../../server/statistics/estimate";
import { studentQuantile } from "../../server/statistics/math/student";
import { type Answer, answers, maybe, numbered, numbers } from "./case";

const level = z.enum(["nominal", "ordinal", "interval", "ratio"]);
const weights = z.enum(["identity", "linear", "quadratic", "ordinal"]).default("identity");
const table = z.strictObject({
  /** Items × raters; null, or a row that ends early: no vote. */
  ratings: z.array(z.array(maybe)),
  categories: numbers.min(1).optional(),
  /** The prompt of each item, as numbers or names. */
  group: z.array(z.union([z.string(), z.number()])).optional(),
});
type Table = z.output<typeof table>;

const LEVELS: readonly Level[] = level.options;
const RAW: readonly RawWeighting[] = ["pair", "item", "value"];

function ratingsOf({ ratings, categories, group }: Table): Ratings {
  const cells = ratings.flatMap((row, i) =>
    row.flatMap((value, r) => (value === null ? [] : [{ i, r, value }])),
  );
  if (group && group.length !== ratings.length)
    throw new InputError(
      `input.group: ${group.length} groups for ${ratings.length} items; give one for each`,
    );
  return {
    items: ratings.length,
    raters: Math.max(0, ...ratings.map((row) => row.length)),
    item: Int32Array.from(cells, ({ i }) => i),
    rater: Int32Array.from(cells, ({ r }) => r),
    value: Float64Array.from(cells, ({ value }) => value),
    categories,
    group: group && numbered(group),
  };
}

const figure = (coefficient: Coefficient, units: Units) => coefficient.finish(sumsOf(coefficient, units));

/** Cohen's κ of every pair of raters, and their mean (Light, Psychological Bulletin 76, 1971). */
function lightsKappa(given: Table): number | null {
  const units = unitsOf(ratingsOf(given), { byRater: true });
  const kappas: number[] = [];
  for (let one = 0; one < units.raters; one++)
    for (let other = 0; other < one; other++) {
      const kappa = figure(cohen(units, "identity", [one, other]), units);
      if (kappa !== null) kappas.push(kappa);
    }
  return kappas.length === 0 ? null : kappas.reduce((sum, kappa) => sum + kappa, 0) / kappas.length;
}

const statistic = z.enum(["krippendorff", "fleiss", "gwet", "conger", "raw", "icc1"]).default("krippendorff");
const jackknifed = {
  statistic,
  level: level.default("nominal"),
  weights,
  weighting: z.enum(RAW).default("item"),
  swapSymmetric: z.boolean().default(false),
};
const chosenOptions = z.strictObject(jackknifed);

/** The measure that a case names, and the items in the form that it needs. */
function chosen(given: Table, options: z.output<typeof chosenOptions>): [Coefficient, Units] {
  const units = unitsOf(ratingsOf(given), { byRater: options.statistic === "conger" });
  const weighting: Weighting = options.weights;
  switch (options.statistic) {
    case "krippendorff":
      return [krippendorff(units, options.level, { symmetric: options.swapSymmetric }), units];
    case "conger":
      return [conger(units, weighting), units];
    case "raw":
      return [raw(options.weighting), units];
    case "icc1":
      return [oneWay(units), units];
    default:
      return [beyondChance(options.statistic, units, weighting), units];
  }
}

export const agreementCases: Record<string, Answer> = {
  "agreement.raw": answers(table, {}, (given) => {
    const units = unitsOf(ratingsOf(given));
    return Object.fromEntries(RAW.map((weighting) => [weighting, figure(raw(weighting), units)]));
  }),
  "agreement.cohen": answers(
    z.strictObject({ a: z.array(maybe), b: z.array(maybe), categories: numbers.min(1).optional() }),
    { weights },
    ({ a, b, categories }, { weights }) => {
      if (a.length !== b.length)
        throw new InputError(
          `input.b: ${b.length} ratings for the ${a.length} of input.a; give both of each item`,
        );
      const units = unitsOf(ratingsOf({ ratings: a.map((value, i) => [value, b[i]]), categories }), {
        byRater: true,
      });
      return figure(cohen(units, weights, [0, 1]), units);
    },
  ),
  "agreement.fleiss": answers(table, { weights }, (given, { weights }) => {
    const units = unitsOf(ratingsOf(given));
    return figure(beyondChance("fleiss", units, weights), units);
  }),
  "agreement.gwet": answers(table, { weights }, (given, { weights }) => {
    const units = unitsOf(ratingsOf(given));
    return figure(beyondChance("gwet", units, weights), units);
  }),
  "agreement.conger": answers(table, { weights }, (given, { weights }) => {
    const units = unitsOf(ratingsOf(given), { byRater: true });
    return figure(conger(units, weights), units);
  }),
  // With a level, that one; without, all that the data allow.
  "agreement.krippendorff": answers(
    table,
    { level: level.optional(), swapSymmetric: z.boolean().default(false) },
    (given, { level, swapSymmetric }) => {
      const units = unitsOf(ratingsOf(given));
      const alpha = (of: Level, symmetric: boolean) => figure(krippendorff(units, of, { symmetric }), units);
      if (level === undefined)
        return Object.fromEntries(
          LEVELS.filter((of) => of !== "ratio" || !swapSymmetric).map((of) => [of, alpha(of, swapSymmetric)]),
        );
      return swapSymmetric
        ? { plain: alpha(level, false), symmetric: alpha(level, true) }
        : alpha(level, false);
    },
  ),
  "agreement.jackknife": answers(table, jackknifed, (given, options) => {
    const found = agreement(...chosen(given, options));
    const half = found.se === null ? null : studentQuantile(0.975, found.n - 1) * found.se;
    // The interval shown is low … high on Fisher's scale; lowT … highT is the same without it, for comparison.
    return half === null || found.estimate === null
      ? { ...found, lowT: null, highT: null }
      : { ...found, lowT: found.estimate - half, highT: found.estimate + half };
  }),
  "agreement.bootstrap": answers(
    table,
    { ...jackknifed, draws: z.int().min(100).max(100_000).default(1000), seed: z.int().default(1) },
    (given, { draws, seed, ...options }) => bootstrapAgreement(...chosen(given, options), { draws, seed }),
  ),
  "agreement.all": answers(table, {}, (given) => {
    const units = unitsOf(ratingsOf(given));
    return {
      raw: figure(raw("item"), units),
      cohen: lightsKappa(given),
      fleiss: figure(beyondChance("fleiss", units, "identity"), units),
      krippendorff: figure(krippendorff(units, "nominal"), units),
      gwet: figure(beyondChance("gwet", units, "identity"), units),
    };
  }),
  // Raters × objects of one prompt, or a list of such tables, one a prompt.
  "agreement.ranking": answers(
    z.strictObject({ ranks: z.union([z.array(numbers), z.array(z.array(numbers))]) }),
    {},
    ({ ranks }) => {
      const isTables = (given: typeof ranks): given is number[][][] => Array.isArray(given[0]?.[0]);
      if (!isTables(ranks)) return rankAgreement(sameLength(ranks, "input.ranks"));
      const prompts = ranks.map((each, i) => rankAgreement(sameLength(each, `input.ranks[${i}]`)));
      const W = overPrompts(
        prompts.map(({ kendallW }) => kendallW),
        "mean of Kendall's W over prompts, t interval",
      );
      const meanOver = (of: "meanTauB" | "meanSpearman") =>
        overPrompts(
          prompts.map((each) => each[of]),
          of,
        ).estimate;
      return {
        meanW: W.estimate,
        meanOfMeanTauB: meanOver("meanTauB"),
        meanOfMeanSpearman: meanOver("meanSpearman"),
        questions: W.n,
        dropped: W.dropped,
        low: W.low,
        high: W.high,
      };
    },
  ),
  "agreement.icc": answers(table, {}, (given) => {
    const units = unitsOf(ratingsOf(given));
    const width = given.ratings[0]?.length ?? 0;
    const complete = given.ratings.flatMap((row) => {
      const known = row.filter((value) => value !== null);
      return known.length === width ? [known] : [];
    });
    const found = complete.length === given.ratings.length ? intraclass(complete) : null;
    if (!found) {
      const one = agreement(oneWay(units), units);
      return {
        ICC1: one.estimate,
        ICC1_ci: one.low === null ? null : [one.low, one.high],
        reason: one.reason,
      };
    }
    return Object.fromEntries(
      Object.entries(found).flatMap(([name, { estimate, low, high }]) => [
        [name, estimate],
        [`${name}_ci`, [low, high]],
      ]),
    );
  }),
};

function sameLength(rows: readonly (readonly number[])[], place: string): readonly (readonly number[])[] {
  const wrong = rows.findIndex((row) => row.length !== rows[0].length);
  if (wrong >= 0)
    throw new InputError(
      `${place}[${wrong}]: ${rows[wrong].length} objects, the first row has ${rows[0].length}`,
    );
  return rows;
}
