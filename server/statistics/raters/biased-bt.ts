import { type Design, fitLogistic } from "../math/logistic";
import { checkedVotes, type Votes } from "../ranking/votes";

/** A rater's bias needs this many votes to be estimated; with fewer it is 0. */
const ENOUGH = 20;
const RIDGE = { theta: 1, rater: 4, shared: 1e-6 };

export interface BiasedBradleyTerry {
  theta: number[] | null;
  /** Log-odds that everybody gives the response shown first. */
  firstPositionBias: number | null;
  /** What each rater with 20 votes or more adds to that, with its posterior standard deviation. */
  raterBias: Map<number, { bias: number; deviation: number; flagged: boolean }>;
  /** Log-odds for one more in log(1 + length); null where no lengths are given. */
  lengthGamma: number | null;
  method: string;
  n: number;
  reason?: string;
}

/**
 * Bradley–Terry with what judges are swayed by: logit P(a beats b) = θ_a − θ_b + b₀ + b_r + γ (log(1+L_a) − log(1+L_b)),
 * a being the response shown first. b_r has a ridge of 4 (θ 1, b₀ and γ 1e-6; ridge/2 · x²) and is only asked of raters
 * with 20 votes or more. A rater is flagged where |b_r| is above two deviations and above .5. Lengths in UTF-16 units.
 * @param rater of each row, from 0
 */
export function biasedBradleyTerry(
  votes: Votes,
  rater: Int32Array,
  lengths?: { a: Float64Array; b: Float64Array },
): BiasedBradleyTerry {
  checkedVotes(votes);
  const { models, a, b, y } = votes;
  const counts = new Map<number, number>();
  for (const r of rater) counts.set(r, (counts.get(r) ?? 0) + 1);
  const enough = [...counts].filter(([, count]) => count >= ENOUGH).map(([r]) => r);
  const column = new Map(enough.map((r, place) => [r, models + 2 + place]));
  const [shared, gamma] = [models, models + 1];
  const width = 5;
  const design: Design = {
    rows: y.length,
    columns: models + 2 + enough.length,
    width,
    index: new Int32Array(y.length * width),
    value: new Float64Array(y.length * width),
  };
  for (let r = 0; r < y.length; r++) {
    const own = column.get(rater[r]);
    const longer = lengths ? Math.log1p(lengths.a[r]) - Math.log1p(lengths.b[r]) : 0;
    design.index.set([a[r], b[r], shared, gamma, own ?? 0], r * width);
    design.value.set([1, -1, 1, longer, own === undefined ? 0 : 1], r * width);
  }
  const ridge = new Float64Array(design.columns).fill(RIDGE.rater);
  ridge.fill(RIDGE.theta, 0, models);
  ridge.fill(RIDGE.shared, shared, gamma + 1);
  const method = "Bradley–Terry with position and length, ridge 1 on θ and 4 on raters";
  const nothing = { theta: null, firstPositionBias: null, raterBias: new Map(), lengthGamma: null, method };
  if (y.length === 0) return { ...nothing, n: 0, reason: "Nothing was compared yet." };
  if (y.every((each) => each === y[0] && each !== 0.5))
    return {
      ...nothing,
      n: y.length,
      reason: "One side always won: strengths and position cannot be told apart.",
    };
  const fit = fitLogistic({ design, weight: new Float64Array(y.length).fill(1), target: y, ridge });
  if (!fit) return { ...nothing, n: y.length, reason: "The fit did not converge." };
  const covariance = fit.covariance();
  const raterBias = new Map(
    enough.map((r) => {
      const at = column.get(r) ?? 0;
      const bias = fit.x[at];
      const deviation = Math.sqrt(covariance[at * design.columns + at]);
      return [r, { bias, deviation, flagged: Math.abs(bias) > Math.max(2 * deviation, 0.5) }];
    }),
  );
  return {
    theta: Array.from(fit.x.subarray(0, models)),
    firstPositionBias: fit.x[shared],
    raterBias,
    lengthGamma: lengths ? fit.x[gamma] : null,
    method,
    n: y.length,
  };
}
