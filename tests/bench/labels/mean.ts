import { chancesFor, expectedErrors, jointMean, type Study } from "@/server/statistics/joint/study";
import { fitRidge, predictedBy } from "@/server/statistics/math/ridge";
import { studentQuantile } from "@/server/statistics/math/student";
import type { Known } from "./known";
import type { Item } from "./set";

type Random = () => number;

/** All judgements of a set, of which studies ask for some; their mean is the truth that intervals are to hold. */
export interface Judgements {
  item: Int32Array;
  y: Float64Array;
  group: Int32Array;
  truth: number;
  /** Variance of single judgements, ddof 1, and the part of it that is between raters of one comparison. */
  variance: number;
  within: number;
  items: number;
}

export function judgementsOf(items: readonly Item[]): Judgements {
  const prompts = new Map<string, number>();
  for (const { prompt } of items) if (!prompts.has(prompt)) prompts.set(prompt, prompts.size);
  const item = Int32Array.from(items.flatMap(({ votes }, i) => votes.map(() => i)));
  const y = Float64Array.from(items.flatMap(({ votes }) => votes));
  const truth = mean(y);
  const several = items.filter(({ votes }) => votes.length > 1);
  return {
    item,
    y,
    group: item.map((i) => prompts.get(items[i].prompt) ?? 0),
    truth,
    variance: spread(y),
    within: several.length > 0 ? mean(several.map(({ votes }) => spread(votes))) : 0,
    items: items.length,
  };
}

/** What came of many studies. */
export interface Studies {
  /** Judgements asked for, on average, and the mean width of the 95 % interval. */
  asked: number;
  width: number;
  /** The share of intervals that hold the truth. */
  coverage: number;
}

/** Judgements drawn uniformly without replacement, their mean, t(n − 1) with the finite population's correction. */
export function peopleAlone({ y, truth }: Judgements, n: number, runs: number, random: Random): Studies {
  const t = studentQuantile(0.975, n - 1);
  const order = Int32Array.from(y.keys());
  return over(runs, () => {
    for (let i = 0; i < n; i++) {
      const j = i + ((random() * (order.length - i)) | 0);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const drawn = Array.from(order.subarray(0, n), (row) => y[row]);
    const centre = mean(drawn);
    const half = t * Math.sqrt((spread(drawn) / n) * (1 - n / y.length));
    return { asked: n, low: centre - half, high: centre + half, truth };
  });
}

/** A pilot at random, then where the predictions err most, then both together. */
export function together(
  judgements: Judgements,
  known: Known,
  budget: number,
  runs: number,
  random: Random,
  { active = true }: { active?: boolean } = {},
): Studies {
  const rows = rowsOf(judgements, known);
  return over(runs, (run) => {
    const study = drawStudy(judgements, rows, budget, random, active);
    const { low, high } = jointMean(study, { seed: run });
    return { asked: study.asked.length, low: low ?? 0, high: high ?? 1, truth: judgements.truth };
  });
}

/** The share of the budget that is drawn at random first, to learn by. */
const PILOT = 0.4;

/**
 * The share of the variance of single judgements that is left where everything is known but the own prompt's judgements:
 * each predicted by what people said of nine tenths of the other prompts. Choosing where to ask gains little on it.
 */
export function missed(judgements: Judgements, facts: Known): number {
  const { y, group, variance } = judgements;
  const { known, columns } = rowsOf(judgements, facts);
  const FOLDS = 10;
  let squares = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const [own, others] = [true, false].map((isOwn) =>
      Int32Array.from(y.keys()).filter((row) => (group[row] % FOLDS === fold) === isOwn),
    );
    const x = new Float64Array(others.length * columns);
    for (const [at, row] of others.entries())
      x.set(known.subarray(row * columns, (row + 1) * columns), at * columns);
    const map = fitRidge(
      x,
      columns,
      Float64Array.from(others, (row) => y[row]),
      new Float64Array(others.length).fill(1),
    );
    for (const row of own) squares += (y[row] - predictedBy(map, known, row * columns)) ** 2;
  }
  return squares / y.length / variance;
}

/** What is known, a row a judgement. */
export function rowsOf({ item }: Judgements, { rows, columns }: Known): Pick<Study, "known" | "columns"> {
  return { known: Float64Array.from([...item].flatMap((i) => rows[i])), columns };
}

export function drawStudy(
  { y, group }: Judgements,
  { known, columns }: Pick<Study, "known" | "columns">,
  budget: number,
  random: Random,
  active: boolean,
): Study {
  const n = y.length;
  const study = (asked: Int32Array, chance: Float64Array): Study => ({
    known,
    columns,
    group,
    chance,
    asked,
    y: Float64Array.from(asked, (row) => y[row]),
  });
  const first = ((active ? PILOT : 1) * budget) / n;
  const pilot = Int32Array.from(y.keys()).filter(() => random() < first);
  const alike = study(pilot, new Float64Array(n).fill(first));
  if (!active) return alike;
  const then = chancesFor(expectedErrors(alike), ((1 - PILOT) * budget) / (1 - first));
  const chosen = new Uint8Array(n);
  for (const row of pilot) chosen[row] = 1;
  for (let row = 0; row < n; row++) if (random() < then[row]) chosen[row] = 1;
  return study(
    Int32Array.from(y.keys()).filter((row) => chosen[row] === 1),
    then.map((each) => first + (1 - first) * each),
  );
}

/**
 * How many judgements give intervals as wide as `width`, and what came of `runs` studies of that many: 1/n − 1/all is
 * proportional to width², corrected twice by trial.
 */
export function asWideAs(
  width: number,
  all: number,
  guess: number,
  runs: number,
  study: (budget: number, runs: number) => Studies,
): Studies {
  let budget = guess;
  for (let round = 0; round < 3; round++) {
    const found = study(budget, Math.ceil(runs / 4));
    budget = matched(found, width, all);
  }
  const found = study(budget, runs);
  return { ...found, asked: matched(found, width, all) };
}

const matched = (found: Studies, width: number, all: number) =>
  1 / ((1 / found.asked - 1 / all) * (width / found.width) ** 2 + 1 / all);

function over(
  runs: number,
  study: (run: number) => { asked: number; low: number; high: number; truth: number },
): Studies {
  let [asked, width, held] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const found = study(run);
    asked += found.asked / runs;
    width += (found.high - found.low) / runs;
    if (found.low <= found.truth && found.truth <= found.high) held++;
  }
  return { asked, width, coverage: held / runs };
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, each) => sum + each, 0) / values.length;

function spread(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Array.from(values).reduce((sum, each) => sum + (each - centre) ** 2, 0) / (values.length - 1);
}
