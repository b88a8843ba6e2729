import { InputError } from "../estimate";
import { fitLogistic, logistic } from "../math/logistic";
import { randomOf } from "../math/random";

/** A map from a judge's score to a probability. */
export type Calibration = (x: number) => number;

/**
 * Platt's two parameters, P(y) = 1/(1 + exp(−(a + b x))), by maximum likelihood with a ridge of 1e-6 that only matters
 * where the classes separate; targets are not smoothed.
 * Source: Platt, Advances in Large Margin Classifiers (1999).
 * @returns null where nothing is labelled, or everything alike
 */
export function platt(x: Float64Array, y: Float64Array): { intercept: number; slope: number } | null {
  const rows = x.length;
  if (y.every((each) => each === y[0])) return null;
  const value = new Float64Array(2 * rows);
  for (const [i, each] of x.entries()) value.set([1, each], 2 * i);
  const fit = fitLogistic({
    design: { rows, columns: 2, width: 2, index: Int32Array.from(value, (_, at) => at % 2), value },
    weight: new Float64Array(rows).fill(1),
    target: y,
    ridge: new Float64Array(2).fill(1e-6),
  });
  return fit && { intercept: fit.x[0], slope: fit.x[1] };
}

/** Platt's parameters as a map. */
export function plattCalibration({ intercept, slope }: { intercept: number; slope: number }): Calibration {
  return (x) => logistic(intercept + slope * x);
}

/**
 * Isotonic regression: the nondecreasing step values nearest to y, by pooling adjacent violators; equal x are averaged
 * first, between two x it is linear, outside constant. Asks for 100 labels to be trusted.
 * Source: Barlow, Bartholomew, Bremner & Brunk, Statistical Inference under Order Restrictions (1972).
 */
export function isotonic(x: Float64Array, y: Float64Array): Calibration | null {
  if (x.length === 0) return null;
  const order = Int32Array.from(x.keys()).sort((one, other) => x[one] - x[other]);
  const points: { x: number; sum: number; weight: number }[] = [];
  for (const i of order) {
    const last = points.at(-1);
    if (last?.x === x[i]) {
      last.sum += y[i];
      last.weight++;
    } else points.push({ x: x[i], sum: y[i], weight: 1 });
  }
  const blocks: { sum: number; weight: number; points: number }[] = [];
  for (const { sum, weight } of points) {
    let block = { sum, weight, points: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.weight >= block.sum / block.weight;
      last = blocks.at(-1)
    ) {
      block = {
        sum: last.sum + block.sum,
        weight: last.weight + block.weight,
        points: last.points + block.points,
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  const fitted = blocks.flatMap(({ sum, weight, points: count }) =>
    new Array<number>(count).fill(sum / weight),
  );
  return (at) => {
    const above = points.findIndex((point) => point.x >= at);
    if (above < 0) return fitted[fitted.length - 1];
    if (above === 0 || points[above].x === at) return fitted[above];
    const share = (at - points[above - 1].x) / (points[above].x - points[above - 1].x);
    return fitted[above - 1] + share * (fitted[above] - fitted[above - 1]);
  };
}

/**
 * Probabilities for rows that the map was not fitted on: whole prompts go to one of the folds at random, each fold is
 * predicted by the map of the others.
 * @param seed of the draw of folds
 */
export function outOfFold(
  x: Float64Array,
  y: Float64Array,
  group: Int32Array,
  calibrate: (x: Float64Array, y: Float64Array) => Calibration | null,
  { folds = 5, seed = 1 }: { folds?: number; seed?: number } = {},
): Float64Array | null {
  const groups = [...new Set(group)].sort((one, other) => one - other);
  if (groups.length < folds) return null;
  const random = randomOf(seed);
  const drawn = groups.map((g) => [random(), g] as const).sort(([one], [other]) => one - other);
  const foldOf = new Map(drawn.map(([, g], place) => [g, place % folds]));
  const result = new Float64Array(x.length);
  for (let fold = 0; fold < folds; fold++) {
    const others = Int32Array.from(x.keys()).filter((i) => foldOf.get(group[i]) !== fold);
    const map = calibrate(
      Float64Array.from(others, (i) => x[i]),
      Float64Array.from(others, (i) => y[i]),
    );
    if (!map) return null;
    for (let i = 0; i < x.length; i++) if (foldOf.get(group[i]) === fold) result[i] = map(x[i]);
  }
  return result;
}

/** The mean squared distance of probabilities from what came: 0 best. Source: Brier, Monthly Weather Review 78 (1950). */
export function brier(p: Float64Array, y: Float64Array): number | null {
  return p.length === 0 ? null : p.reduce((sum, each, i) => sum + (each - y[i]) ** 2, 0) / p.length;
}

/**
 * Expected calibration error: rows sorted by probability, in `bins` bins of equal count, the mean of
 * |mean p − mean y| weighted by count. Source: Naeini, Cooper & Hauskrecht, AAAI 2015, with equal-count bins.
 */
export function calibrationError(
  p: Float64Array,
  y: Float64Array,
  { bins = 10 }: { bins?: number } = {},
): number | null {
  if (bins < 1) throw new InputError(`bins: ${bins}; at least 1`);
  if (p.length === 0) return null;
  const order = Int32Array.from(p.keys()).sort((one, other) => p[one] - p[other]);
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * p.length) / bins);
    const to = Math.floor(((bin + 1) * p.length) / bins);
    let gap = 0;
    for (let at = from; at < to; at++) gap += p[order[at]] - y[order[at]];
    error += Math.abs(gap) / p.length;
  }
  return error;
}
