/** How much of a disagreement counts as agreement: identity none, the others more the nearer two points are. */
export type Weighting = "identity" | "linear" | "quadratic" | "ordinal";

/**
 * The q × q matrix of agreement weights, 1 on the diagonal. With d the distance of two *values* of the scale and D the
 * greatest: linear 1 − d/D, quadratic 1 − (d/D)² (Cohen, Psychological Bulletin 70, 1968). Ordinal, with d the distance
 * of *ranks*: 1 − C(d+1, 2)/C(q, 2) (Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, ch. 3).
 */
export function agreementWeights(categories: readonly number[], weighting: Weighting): Float64Array {
  const q = categories.length;
  const span = Math.max(...categories) - Math.min(...categories);
  const order = [...categories].sort((one, other) => one - other);
  const ranks = categories.map((category) => order.indexOf(category));
  const weights = new Float64Array(q * q);
  for (let k = 0; k < q; k++)
    for (let l = 0; l < q; l++) {
      const far = span === 0 ? 0 : Math.abs(categories[k] - categories[l]) / span;
      const steps = Math.abs(ranks[k] - ranks[l]);
      weights[k * q + l] =
        k === l
          ? 1
          : weighting === "identity"
            ? 0
            : weighting === "linear"
              ? 1 - far
              : weighting === "quadratic"
                ? 1 - far ** 2
                : 1 - ((steps + 1) * steps) / (q * (q - 1));
    }
  return weights;
}
