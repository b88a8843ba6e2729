import { type Design, etaOf, fitLogistic, logistic } from "../math/logistic";
import { type Clustering, clusteredBy, clusteringsOf, errorBars, NO_ERROR } from "./errors";
import { componentsOf, strongComponentsOf } from "./graph";
import { checkedVotes, type Votes, winsOf } from "./votes";

/** What of two responses is held equal: an amount of each, such as its length, or null where it is not known. */
export interface Control {
  name: string;
  a: readonly (number | null)[];
  b: readonly (number | null)[];
}

export interface Controlled {
  theta: number[] | null;
  se: number[] | null;
  low: number[] | null;
  high: number[] | null;
  errors: readonly Clustering[];
  /** By control: its coefficient with error, and the root mean square by which its feature was divided. */
  coefficients: { name: string; value: number | null; se: number | null; rms: number; reason?: string }[];
  method: string;
  /** Rows that count, and rows left out because an amount is not known. */
  n: number;
  dropped: number;
  reason?: string;
}

/**
 * Bradley–Terry with style held equal: logit P(a beats b) = θ_a − θ_b + Σ_c β_c x_c, x = (f_a − f_b) / (f_a + f_b + 1)
 * divided by its root mean square. It is not centred, as the Arena's code does: centring makes the ranking depend on who
 * was stored as the first. A feature that does not vary is left out with the reason. A ridge of 1e-3 on the sum of
 * losses at most; none by default. Intervals: as those of `bradleyTerry`.
 * Source: Chiang et al., "Chatbot Arena" (arXiv 2403.04132) and its style control of August 2024.
 */
export function controlled(
  votes: Votes,
  controls: readonly Control[],
  { ridge = 0 }: { ridge?: number } = {},
): Controlled {
  checkedVotes(votes);
  const rows = Int32Array.from(votes.y.keys()).filter((r) =>
    controls.every(({ a, b }) => a[r] !== null && b[r] !== null),
  );
  const { models } = votes;
  const a = Int32Array.from(rows, (r) => votes.a[r]);
  const b = Int32Array.from(rows, (r) => votes.b[r]);
  const y = Float64Array.from(rows, (r) => votes.y[r]);
  const features = controls.map((control) => featureOf(control, rows));
  const used = features.flatMap(({ varies }, c) => (varies ? [c] : []));
  const coefficients: Controlled["coefficients"] = features.map(({ rms, varies }, c) => ({
    name: controls[c].name,
    value: null,
    se: null,
    rms,
    ...(varies ? {} : { reason: "It is the same in every comparison: left out." }),
  }));
  const named = used.map((c) => controls[c].name).join(", ");
  const method = `Bradley–Terry, ties half, held equal: ${named || "nothing"}; ${clusteredBy(votes.rater)}`;
  const base = { coefficients, method, n: rows.length, dropped: votes.y.length - rows.length };
  const open = { theta: null, se: null, low: null, high: null, errors: [], ...base };
  const wins = winsOf({ models, a, b, y });
  if (rows.length === 0) return { ...open, reason: "Nothing was compared yet." };
  if (componentsOf(wins, models).length !== 1 || strongComponentsOf(wins, models).length !== 1)
    return {
      ...open,
      reason: "Not everybody is connected by wins and ties in both directions: no maximum exists.",
    };

  const width = 2 + used.length;
  const design: Design = {
    rows: rows.length,
    columns: models + used.length,
    width,
    index: new Int32Array(rows.length * width),
    value: new Float64Array(rows.length * width),
  };
  for (let r = 0; r < rows.length; r++) {
    design.index.set([a[r], b[r], ...used.map((_, c) => models + c)], r * width);
    design.value.set([1, -1, ...used.map((c) => features[c].x[r])], r * width);
  }
  const fit = fitLogistic({
    design,
    weight: new Float64Array(rows.length).fill(1),
    target: y,
    centred: ridge > 0 ? 0 : models,
    ridge: new Float64Array(design.columns).fill(ridge),
  });
  if (!fit)
    return { ...open, reason: "The fit did not converge: style and models cannot be told apart here." };
  const residual = y.map((each, r) => each - logistic(etaOf(design, r, fit.x)));
  const pick = (column: Int32Array | undefined) => column && Int32Array.from(rows, (row) => column[row]);
  const grouped = { cluster: pick(votes.cluster), rater: pick(votes.rater) };
  const bars = errorBars(Array.from(fit.x), clusteringsOf(fit.covariance(), design, residual, grouped));
  const ofModels = (values: readonly number[] | null) => values?.slice(0, models) ?? null;
  for (const [place, c] of used.entries()) {
    coefficients[c].value = fit.x[models + place];
    coefficients[c].se = bars.se?.[models + place] ?? null;
  }
  return {
    ...base,
    theta: Array.from(fit.x.subarray(0, models)),
    se: ofModels(bars.se),
    low: ofModels(bars.low),
    high: ofModels(bars.high),
    errors: bars.errors,
    ...(bars.se ? {} : { reason: NO_ERROR }),
  };
}

function featureOf({ a, b }: Control, rows: Int32Array): { x: Float64Array; rms: number; varies: boolean } {
  const x = Float64Array.from(rows, (r) => {
    const [first, second] = [a[r] ?? 0, b[r] ?? 0];
    return (first - second) / (first + second + 1);
  });
  const rms = Math.sqrt(x.reduce((sum, each) => sum + each * each, 0) / x.length);
  const varies = rms > 0 && x.some((each) => Math.abs(each - x[0]) > 1e-12);
  return { x: varies ? x.map((each) => each / rms) : x, rms: Number.isFinite(rms) ? rms : 0, varies };
}
