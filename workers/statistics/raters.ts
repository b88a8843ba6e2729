import { z } from "zod";
import { InputError } from "../../server/statistics/estimate";
import { biasedBradleyTerry } from "../../server/statistics/raters/biased-bt";
import { crowdBradleyTerry } from "../../server/statistics/raters/crowd-bt";
import {
  dawidSkene,
  entropyOf,
  reliabilities,
  reliabilityOf,
  SMOOTHED,
  UNSMOOTHED,
} from "../../server/statistics/raters/dawid-skene";
import type { Labels } from "../../server/statistics/raters/labels";
import { mace } from "../../server/statistics/raters/mace";
import { majority, wawa } from "../../server/statistics/raters/majority";
import { type Answer, answers, index, number, numbered, numbers } from "./case";
import { sameColumns, votesOf, votesShape } from "./ranking";

const labelsShape = z.strictObject({
  items: index.optional(),
  raters: index.optional(),
  classes: z.int().min(1).optional(),
  /** [item, rater, class] a vote; a rater's repeated vote on an item: the last counts. */
  labels: z.array(z.tuple([index, index, index])),
});

function labelsOf({ items, raters, classes, labels }: z.output<typeof labelsShape>): Labels {
  const most = (column: 0 | 1 | 2) => labels.reduce((top, row) => Math.max(top, row[column] + 1), 0);
  return {
    items: items ?? most(0),
    raters: raters ?? most(1),
    classes: classes ?? most(2),
    item: Int32Array.from(labels, ([item]) => item),
    rater: Int32Array.from(labels, ([, rater]) => rater),
    label: Int32Array.from(labels, ([, , label]) => label),
  };
}

/** A flat array as rows of `width`. */
const rowsOf = (values: Float64Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from(values.subarray(i * width, (i + 1) * width)),
  );

const smoothing = z
  .union([
    z.literal(false).transform(() => UNSMOOTHED),
    z.literal(["none", "smoothed"]).transform((name) => (name === "none" ? UNSMOOTHED : SMOOTHED)),
    z.strictObject({ diagonal: number.min(0), off: number.min(0), prior: number.min(0) }),
  ])
  .default(SMOOTHED);

const rated = {
  ...votesShape,
  /** Who judged each row, by name or number. */
  rater: z.array(z.union([z.string(), z.number()])),
};

/** The raters of the rows as numbers in the order of their names, and the names. */
function ratersOf(rater: readonly (string | number)[]): { rater: Int32Array; names: (string | number)[] } {
  const names = [...new Set(rater)].sort((one, other) => (one < other ? -1 : 1));
  const first = numbered(names);
  const place = new Map(names.map((name, i) => [name, first[i]]));
  return { rater: Int32Array.from(rater, (name) => place.get(name) ?? 0), names };
}

export const ratersCases: Record<string, Answer> = {
  "raters.dawidSkene": answers(
    labelsShape,
    { smoothing, iterations: z.int().min(1).optional() },
    (given, { smoothing, iterations }) => {
      const of = labelsOf(given);
      const { posterior, errors, prior, ...rest } = dawidSkene(of, { smoothing, steps: iterations });
      const rows = rowsOf(posterior, of.classes);
      const counts = new Array<number>(of.classes).fill(0);
      for (const row of rows) counts[row.indexOf(Math.max(...row))]++;
      const tables = rowsOf(errors, of.classes);
      return {
        posterior: rows,
        posteriorFirst10: rows.slice(0, 10),
        errors: Array.from({ length: of.raters }, (_, r) =>
          tables.slice(r * of.classes, (r + 1) * of.classes),
        ),
        prior,
        labelCounts: counts,
        entropy: entropyOf(posterior, of.classes),
        reliability: reliabilityOf(of, posterior),
        ...rest,
      };
    },
  ),
  "raters.reliability": answers(
    labelsShape,
    { draws: z.int().min(20).max(10_000).default(100), seed: z.int().default(1) },
    (given, options) => reliabilities(labelsOf(given), options),
  ),
  "raters.mace": answers(
    labelsShape,
    {
      start: z
        .strictObject({
          theta: number.positive().lt(1).default(0.7),
          restarts: z.int().min(1).max(100).default(10),
          seed: z.int().default(1),
        })
        .default({ theta: 0.7, restarts: 10, seed: 1 }),
      iterations: z.int().min(1).default(200),
    },
    (given, { start, iterations }) => {
      const of = labelsOf(given);
      const { posterior, competence, ...rest } = mace(of, { ...start, iterations });
      const rows = rowsOf(posterior, of.classes);
      return {
        posterior: rows,
        posteriorFirst10: rows.slice(0, 10),
        competence,
        competencePosteriorMean: competence,
        ...rest,
      };
    },
  ),
  "raters.majority": answers(labelsShape, {}, (given) => majority(labelsOf(given))),
  "raters.wawa": answers(
    labelsShape,
    { ties: z.enum(["least", "leave out"]).default("least") },
    (given, options) => ({
      skill: wawa(labelsOf(given), options),
    }),
  ),
  "raters.crowdBT": answers(z.strictObject(rated), {}, ({ rater: names, ...given }) => {
    sameColumns({ a: given.a, rater: names });
    const { rater, names: judges } = ratersOf(names);
    const { eta, ...rest } = crowdBradleyTerry(votesOf(given), rater, judges.length);
    return { ...rest, eta, judges, etaFirst10: eta.slice(0, 10), judgesFirst10: judges.slice(0, 10) };
  }),
  "raters.biasedBT": answers(
    z.strictObject({ ...rated, lengthA: numbers.optional(), lengthB: numbers.optional() }),
    {},
    ({ rater: names, lengthA, lengthB, ...given }) => {
      if (!lengthA !== !lengthB)
        throw new InputError(
          `input.length${lengthA ? "B" : "A"}: missing; give the length of both responses`,
        );
      sameColumns({ a: given.a, rater: names, lengthA, lengthB });
      const of = votesOf(given);
      const { rater, names: judges } = ratersOf(names);
      const lengths = lengthA && lengthB && { a: Float64Array.from(lengthA), b: Float64Array.from(lengthB) };
      const found = biasedBradleyTerry(of, rater, lengths);
      const biases = [...found.raterBias]
        .map(([r, each]) => ({ rater: judges[r], ...each }))
        .sort((one, other) => (one.rater < other.rater ? -1 : 1));
      const byName = (rows: typeof biases) =>
        Object.fromEntries(rows.map(({ rater, bias }) => [rater, bias]));
      return {
        arguments: of.models,
        raters: biases.length,
        firstPositionBias: found.firstPositionBias,
        lengthGamma: found.lengthGamma,
        raterBias: byName(biases),
        raterBiasFirst5: byName(biases.slice(0, 5)),
        flagged: biases.filter(({ flagged }) => flagged).map(({ rater }) => rater),
        theta: found.theta,
        method: found.method,
        n: found.n,
        reason: found.reason,
      };
    },
  ),
};
