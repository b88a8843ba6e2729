import { logistic } from "../math/logistic";
import { minimise, type Objective } from "../math/minimise";
import { bradleyTerry } from "../ranking/bradley-terry";
import { checkedVotes, type Votes } from "../ranking/votes";

export interface CrowdBradleyTerry {
  /** Log-strengths, kept small by a ridge of ½ / 2 · Σθ². */
  theta: number[];
  /** Each rater's chance of voting for the better one; the prior mode where somebody has no votes. */
  eta: number[];
  objective: number;
  method: string;
  n: number;
}

const [RIDGE, RIGHT, WRONG] = [0.5, 8, 2];

/**
 * Crowd-BT: P(a ≻ b | r) = η_r σ(θ_a − θ_b) + (1 − η_r) σ(θ_b − θ_a), with ridge on θ and a Beta(8, 2) prior on η on the
 * logit scale. Flip-symmetric (turn θ and η over and nothing changes), hence started at η = .8. Ties count as half a vote
 * each way; they say nothing of η.
 * Source: Chen, Bennett, Collins-Thompson & Horvitz, WSDM 2013, p. 193–202.
 * @param rater of each row, from 0
 */
export function crowdBradleyTerry(votes: Votes, rater: Int32Array, raters: number): CrowdBradleyTerry {
  checkedVotes(votes);
  const { models, a, b, y } = votes;
  const objective: Objective = (x, gradient) => {
    let value = 0;
    for (let i = 0; i < models; i++) {
      value += (RIDGE / 2) * x[i] ** 2;
      gradient[i] += RIDGE * x[i];
    }
    for (let r = 0; r < raters; r++) {
      const eta = logistic(x[models + r]);
      value -= RIGHT * Math.log(eta) + WRONG * Math.log(1 - eta);
      gradient[models + r] -= RIGHT * (1 - eta) - WRONG * eta;
    }
    for (let row = 0; row < y.length; row++) {
      const eta = logistic(x[models + rater[row]]);
      const s = logistic(x[a[row]] - x[b[row]]);
      const p = eta * s + (1 - eta) * (1 - s);
      value -= y[row] * Math.log(p) + (1 - y[row]) * Math.log(1 - p);
      const byP = -y[row] / p + (1 - y[row]) / (1 - p);
      const byDifference = byP * (2 * eta - 1) * s * (1 - s);
      gradient[a[row]] += byDifference;
      gradient[b[row]] -= byDifference;
      gradient[models + rater[row]] += byP * (2 * s - 1) * eta * (1 - eta);
    }
    return value;
  };
  const start = new Float64Array(models + raters);
  start.fill(Math.log(0.8 / 0.2), models);
  const plain = bradleyTerry(votes).theta ?? bradleyTerry(votes, { ridge: RIDGE }).theta ?? [];
  for (const [i, theta] of plain.entries()) start[i] = theta ?? 0;
  const { x, value } = minimise(objective, start);
  return {
    theta: Array.from(x.subarray(0, models)),
    eta: Array.from(x.subarray(models), logistic),
    objective: value,
    method: "Crowd-BT (2013), ridge ½, Beta(8, 2) on η, L-BFGS from η = .8",
    n: y.length,
  };
}
