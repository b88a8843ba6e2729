import { InputError } from "../estimate";
import { studentQuantile } from "../math/student";

/** An item: its prediction, the chance with which it was chosen for a label, and the label if it was. */
export interface SampledItem {
  f: number;
  p: number;
  y?: number | null;
}

export interface ActiveEstimate {
  estimate: number | null;
  se: number | null;
  low: number | null;
  high: number | null;
  /** Σ wY / Σ w of the labels alone, w = 1/p: what they say without the predictions. */
  hajek: number | null;
  /** (Σw)² / Σw² over labelled items, w = 1/p: as how many equally likely ones they count. */
  effectiveSampleSize: number | null;
  labelled: number;
  n: number;
  method: string;
  reason?: string;
}

/** Chances below this make single labels decide: the design should not go there. */
const LEAST = 0.05;

/**
 * A mean where items were chosen for labelling with unequal, known chances: of increments F + 1{labelled}(Y − F)/p, whose
 * sample variance gives the error, with t(labelled − 1). The chance must be that of the assignment, stored when it was
 * drawn. Unbiased whatever the predictions are (Horvitz–Thompson).
 * Sources: Zrnic & Candès, "Active Statistical Inference", arXiv 2403.03208; Horvitz & Thompson, JASA 47 (1952); Hájek
 * (1971).
 * @throws InputError for a chance outside (0, 1], naming the item
 */
export function activeMean(items: readonly SampledItem[]): ActiveEstimate {
  const n = items.length;
  const increments = new Float64Array(n);
  let [labelled, weights, squares, labels, least] = [0, 0, 0, 0, 1];
  for (const [i, { f, p, y }] of items.entries()) {
    if (!(p > 0 && p <= 1))
      throw new InputError(`items[${i}].p: ${p} is no chance; it must be above 0 and at most 1`);
    increments[i] = f;
    if (y === undefined || y === null) continue;
    increments[i] += (y - f) / p;
    labels += y / p;
    weights += 1 / p;
    squares += 1 / p ** 2;
    labelled++;
    least = Math.min(least, p);
  }
  const method = "Horvitz–Thompson increments around predictions, t(labelled − 1)";
  const nothing = { se: null, low: null, high: null, labelled, n, method };
  if (labelled === 0)
    return {
      estimate: null,
      hajek: null,
      effectiveSampleSize: null,
      ...nothing,
      reason: "Nothing is labelled yet.",
    };
  const estimate = increments.reduce((sum, each) => sum + each, 0) / n;
  const found = {
    ...nothing,
    estimate,
    hajek: labels / weights,
    effectiveSampleSize: weights ** 2 / squares,
  };
  if (labelled < 2) return { ...found, reason: "One label alone has no interval." };
  const variance = increments.reduce((sum, each) => sum + (each - estimate) ** 2, 0) / (n - 1);
  const se = Math.sqrt(variance / n);
  const half = studentQuantile(0.975, labelled - 1) * se;
  const whole = { ...found, se, low: estimate - half, high: estimate + half };
  return least < LEAST
    ? {
        ...whole,
        reason: `A labelled item had a chance of ${least}, below ${LEAST}: single labels weigh much.`,
      }
    : whole;
}
