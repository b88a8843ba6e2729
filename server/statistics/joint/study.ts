import { InputError } from "../estimate";
import { NORMAL_975 } from "../math/normal";
import { randomOf } from "../math/random";
import { fitRidge, predictedBy } from "../math/ridge";
import { studentQuantile } from "../math/student";

/** Judgements that people could give, what is known of each before they do, and those that were asked for. */
export interface Study {
  /** Per judgement: a judge's verdict and whatever else was known beforehand, `columns` numbers a row. */
  known: Float64Array;
  columns: number;
  /** The prompt each belongs to, from 0: a prediction is never made from its own prompt's judgements. */
  group: Int32Array;
  /** The chance with which each was to be asked for, in all draws together, above 0. */
  chance: Float64Array;
  /** Rows that were asked for, and what was answered: 1 the first won, 0 the second, ½ a tie. */
  asked: Int32Array;
  y: Float64Array;
}

/**
 * Of what the mean is: of the judgements listed, had all been asked for; or of prompts of their kind, of which those
 * listed are a random draw. The second is wider: no number of judgements says more than the prompts do.
 */
type Population = "these" | "alike";

export interface JointEstimate {
  estimate: number | null;
  se: number | null;
  low: number | null;
  high: number | null;
  /** The same judgements without anything known of the rest: Σ wY / Σ w, w = 1/chance. */
  people: number | null;
  /** The mean of what is predicted: no guarantee goes with it. */
  predicted: number | null;
  /** As many judgements, drawn uniformly and used alone, would have the same standard error. */
  effectiveN: number | null;
  asked: number;
  n: number;
  method: string;
  reason?: string;
}

/** Below this many answers nothing is learnt from what is known: the mean of the other prompts is predicted. */
const FEWEST = 20;
const FOLDS = 5;

interface Options {
  population?: Population;
  /** Of the draw of prompts into folds. */
  seed?: number;
  /**
   * The critical value where one looks more than once and may stop: see `spendingBounds`. It is widened as Student's t
   * widens the normal, and by 1/√(2 ESS). Student's t where left out.
   */
  bound?: number;
}

/**
 * A mean of people's judgements of which only some are asked for, with unequal, known chances. What is known beforehand
 * predicts each (ridge regression, cross-fitted: the prompts of a fifth by the answers to the others), and what was
 * answered corrects it: θ = mean(f) + mean(1{asked}(Y − f)/chance). Unbiased whatever the judge is worth, because f and
 * the chance of a row do not depend on its own answer; a flipped or biased judge is turned by the regression, a useless
 * one is left out by it. The variance is the design's, Σ (1 − π)/π² (Y − f)², with t(ESS − 1), ESS = (Σw)²/Σw²; for
 * prompts alike that of the prompts' sums. Raters are taken as given.
 * Sources: Zrnic & Candès, "Active Statistical Inference", arXiv 2403.03208, and "Cross-prediction-powered inference",
 * arXiv 2309.16598; Särndal, Swensson & Wretman, Model Assisted Survey Sampling (1992), ch. 6.
 * @throws InputError for a chance outside (0, 1] or an answer outside [0, 1], naming the row
 */
export function jointMean(
  study: Study,
  { population = "these", seed = 1, bound }: Options = {},
): JointEstimate {
  checked(study);
  const { asked, y, chance, group } = study;
  const n = chance.length;
  const count = asked.length;
  const method = `judgements and predictions together, ${FOLDS} folds of prompts, ${
    population === "these" ? "of the judgements listed" : "of prompts alike"
  }, ${bound === undefined ? "t(ESS − 1)" : "for repeated looks"}`;
  const nothing = { se: null, low: null, high: null, effectiveN: null, asked: count, n, method };
  if (count === 0)
    return {
      ...nothing,
      estimate: null,
      people: null,
      predicted: null,
      reason: "Nobody was asked yet.",
    };
  const { f } = foresee(study, seed, false);
  let [correction, weights, squares, labels] = [0, 0, 0, 0];
  for (const [a, row] of asked.entries()) {
    const w = 1 / chance[row];
    correction += w * (y[a] - f[row]);
    weights += w;
    squares += w * w;
    labels += w * y[a];
  }
  const predicted = f.reduce((sum, each) => sum + each, 0) / n;
  const estimate = predicted + correction / n;
  const people = labels / weights;
  const found = { ...nothing, estimate, people, predicted };
  if (count < 2) return { ...found, reason: "One answer alone has no interval." };
  let [design, spread] = [0, 0];
  for (const [a, row] of asked.entries()) {
    const p = chance[row];
    design += ((1 - p) / p ** 2) * (y[a] - f[row]) ** 2;
    spread += (y[a] - people) ** 2 / p / weights;
  }
  const ess = weights ** 2 / squares;
  let [variance, degrees] = [design / n ** 2, ess - 1];
  if (population === "alike") {
    const sums = new Map<number, number>();
    for (let row = 0; row < n; row++) sums.set(group[row], (sums.get(group[row]) ?? 0) + f[row] - estimate);
    for (const [a, row] of asked.entries())
      sums.set(group[row], (sums.get(group[row]) ?? 0) + (y[a] - f[row]) / chance[row]);
    if (sums.size < 2) return { ...found, reason: "One prompt alone says nothing of others." };
    const between = [...sums.values()].reduce((total, sum) => total + sum ** 2, 0);
    variance = (between * sums.size) / (sums.size - 1) / n ** 2;
    degrees = Math.min(degrees, sums.size - 1);
  }
  if (!(spread > 0)) return { ...found, reason: "All answers are the same: nothing says how sure this is." };
  const se = Math.sqrt(variance);
  const t = studentQuantile(0.975, Math.max(1, degrees));
  // One stops where the interval came out narrow, which it also does by chance: it carries a standard error of its width.
  const half = bound === undefined ? t * se : bound * (t / NORMAL_975) * (1 + 1 / Math.sqrt(2 * ess)) * se;
  // S²(1/m − 1/n) = se², of judgements drawn uniformly out of these; S²/m of prompts alike.
  const rest = population === "these" ? 1 / n : 0;
  const effectiveN = 1 / (variance / ((spread * count) / (count - 1)) + rest);
  return { ...found, se, low: Math.max(0, estimate - half), high: Math.min(1, estimate + half), effectiveN };
}

/**
 * How far each judgement will lie from its prediction, a root mean square, learnt as the predictions are, by the answers
 * to other prompts: what `chancesFor` asks for. Held between half and twice the average, so that a guess that is wrong
 * costs little.
 */
export function expectedErrors(study: Study, { seed = 1 }: { seed?: number } = {}): Float64Array {
  checked(study);
  return foresee(study, seed, true).error;
}

/**
 * Chances of being asked that add up to `budget`: in proportion to the expected error, which makes the interval of
 * `jointMean` narrowest, and never below `floor` times the uniform chance, so that whatever the judge is sure of is
 * audited at random as well.
 * Source: Zrnic & Candès, arXiv 2403.03208, section 4; Neyman, JRSS 97 (1934).
 * @param budget how many to ask for, on average. @param floor of 1, all chances are alike
 */
export function chancesFor(
  errors: Float64Array,
  budget: number,
  { floor = 0.25 }: { floor?: number } = {},
): Float64Array {
  const n = errors.length;
  if (!(budget > 0 && budget <= n))
    throw new InputError(`budget: ${budget}; above 0 and at most the ${n} judgements there are`);
  const least = (floor * budget) / n;
  const chance = (c: number, error: number) => Math.min(1, Math.max(least, c * error));
  const total = (c: number) => errors.reduce((sum, each) => sum + chance(c, each), 0);
  let [low, high] = [0, 1];
  while (total(high) < budget && high < 1e12) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (total(middle) < budget) low = middle;
    else high = middle;
  }
  return errors.map((each) => chance(high, each));
}

/** Predictions and, where asked for, their expected errors, each row's by answers of other folds only. */
function foresee(study: Study, seed: number, withErrors: boolean): { f: Float64Array; error: Float64Array } {
  const { known, columns, group, chance, asked, y } = study;
  const n = chance.length;
  const fold = foldsOf(group, seed);
  const f = new Float64Array(n);
  const error = new Float64Array(n).fill(1);
  for (let k = 0; k < FOLDS; k++) {
    const others = [...asked.keys()].filter((a) => fold[group[asked[a]]] !== k);
    if (others.length === 0) {
      for (let row = 0; row < n; row++) if (fold[group[row]] === k) f[row] = 0.5;
      continue;
    }
    const x = new Float64Array(others.length * columns);
    for (const [at, a] of others.entries())
      x.set(known.subarray(asked[a] * columns, (asked[a] + 1) * columns), at * columns);
    const target = Float64Array.from(others, (a) => y[a]);
    const weight = Float64Array.from(others, (a) => 1 / chance[asked[a]]);
    const few = others.length < FEWEST ? [Number.POSITIVE_INFINITY] : undefined;
    const map = fitRidge(x, columns, target, weight, few);
    const value = (row: number) => Math.min(1, Math.max(0, predictedBy(map, known, row * columns)));
    for (let row = 0; row < n; row++) if (fold[group[row]] === k) f[row] = value(row);
    if (!withErrors) continue;
    // A judge errs by how undecided it is, and by what sets the sides apart, whichever way.
    const signs = (row: number, at: Float64Array, from: number) => {
      const p = value(row);
      at[from] = 4 * p * (1 - p);
      for (let c = 0; c < columns; c++) at[from + 1 + c] = Math.abs(known[row * columns + c]);
    };
    const squares = map.leftOut.map((each) => each ** 2);
    const mean =
      squares.reduce((sum, each, at) => sum + weight[at] * each, 0) / weight.reduce((a, b) => a + b, 0);
    const width = columns + 1;
    const around = new Float64Array(others.length * width);
    for (const [at, a] of others.entries()) signs(asked[a], around, at * width);
    const spread = fitRidge(around, width, squares, weight, few);
    const sign = new Float64Array(width);
    for (let row = 0; row < n; row++) {
      if (fold[group[row]] !== k) continue;
      signs(row, sign, 0);
      error[row] = Math.sqrt(Math.min(4 * mean, Math.max(mean / 4, predictedBy(spread, sign))));
    }
  }
  return { f, error };
}

/** The fold of each prompt: as many prompts in each, by chance. */
function foldsOf(group: Int32Array, seed: number): Int32Array {
  const groups = group.reduce((most, g) => Math.max(most, g + 1), 0);
  const random = randomOf(seed);
  const drawn = Array.from({ length: groups }, (_, g) => ({ g, at: random() })).sort((a, b) => a.at - b.at);
  const fold = new Int32Array(groups);
  for (const [place, { g }] of drawn.entries()) fold[g] = place % FOLDS;
  return fold;
}

function checked({ known, columns, group, chance, asked, y }: Study): void {
  if (group.length !== chance.length || known.length !== columns * chance.length)
    throw new InputError("known, group and chance: give one row for every judgement");
  if (asked.length !== y.length)
    throw new InputError(`y: ${y.length} answers for ${asked.length} judgements asked for`);
  for (const [row, p] of chance.entries())
    if (!(p > 0 && p <= 1))
      throw new InputError(`chance[${row}]: ${p} is no chance; it must be above 0 and at most 1`);
  for (const [a, each] of y.entries())
    if (!(each >= 0 && each <= 1)) throw new InputError(`y[${a}]: ${each} does not lie between 0 and 1`);
}
