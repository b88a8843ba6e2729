import { studentQuantile } from "./math/student";
import { wilsonInterval } from "./wilson";

/** Clusters of one make: so many, each with `count` successes of `of`. A cluster is what is independent: a prompt. */
export interface Clusters {
  of: number;
  count: number;
  clusters: number;
}

export interface ClusteredShare {
  /** Null where nothing was counted. */
  estimate: number | null;
  /** The 95 % interval; null where one cluster says nothing of others. */
  low: number | null;
  high: number | null;
  method: "sandwich" | "wilson" | null;
  clusters: number;
}

/**
 * The share of successes among things that come in clusters and are independent only between them: a ratio of sums,
 * whose linearised variance is clustered × G/(G−1), and whose 95 % interval is Student's t(G−1) on the logit scale
 * (Cochran, Sampling Techniques, 1977, ch. 6 and 11; Cameron & Miller, Journal of Human Resources 50, 2015). Where the
 * clusters do not differ, as when all is success, there is no variance to read and the interval is Wilson's on the
 * number of clusters.
 */
export function clusteredShare(all: readonly Clusters[]): ClusteredShare {
  const sum = (value: (one: Clusters) => number) =>
    all.reduce((total, one) => total + one.clusters * value(one), 0);
  const clusters = sum(() => 1);
  const of = sum((one) => one.of);
  if (of === 0) return { estimate: null, low: null, high: null, method: null, clusters };
  const share = sum(({ count }) => count) / of;
  if (clusters === 1) return { estimate: share, low: null, high: null, method: null, clusters };
  const residual = (one: Clusters) => one.count - share * one.of;
  if (all.every((one) => Math.abs(residual(one)) < 1e-9)) {
    const { low, high } = wilsonInterval(share * clusters, clusters);
    return { estimate: share, low, high, method: "wilson", clusters };
  }
  const squares = sum((one) => residual(one) ** 2);
  const error = Math.sqrt((squares * clusters) / (clusters - 1)) / (of * share * (1 - share));
  const half = studentQuantile(0.975, clusters - 1) * error;
  const logit = Math.log(share / (1 - share));
  const probability = (x: number) => 1 / (1 + Math.exp(-x));
  return {
    estimate: share,
    low: probability(logit - half),
    high: probability(logit + half),
    method: "sandwich",
    clusters,
  };
}
