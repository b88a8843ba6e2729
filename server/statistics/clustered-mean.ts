import { groupBy } from "../group";
import type { Estimate } from "./estimate";
import { studentQuantile } from "./math/student";

/**
 * The mean of values that come in clusters and are independent only between them: its variance is Σ_g (Σ_{i in g}
 * (x_i − mean))² / n² × G/(G−1), its 95 % interval Student's t(G−1). That of an intercept alone, by least squares
 * (Cameron & Miller, Journal of Human Resources 50, 2015, section II).
 * @param rows each value with its cluster, such as a prompt; `unit` says in the method what a cluster is
 */
export function clusteredMean(
  rows: readonly { cluster: string; value: number }[],
  unit = "prompt",
): Estimate {
  const { mean: estimate, se, clusters: n } = clusteredError(rows);
  const result = {
    ...{ estimate: null, low: null, high: null, n, dropped: 0 },
    method: `mean; 95 % interval: clustered by ${unit} × G/(G−1), t(G−1)`,
  };
  if (n === 0) return { ...result, reason: "Nothing was counted." };
  if (se === null) return { ...result, estimate, reason: `One ${unit} alone says nothing of others.` };
  if (se < 1e-12)
    return { ...result, estimate, reason: `It is the same in all ${n}: nothing says how much it varies.` };
  const half = studentQuantile(0.975, n - 1) * se;
  return { ...result, estimate, low: estimate - half, high: estimate + half };
}

/** The mean of values in clusters and its standard error, null of fewer than two clusters: see `clusteredMean`. */
export function clusteredError(rows: readonly { cluster: string; value: number }[]): {
  mean: number;
  se: number | null;
  clusters: number;
} {
  const groups = [...groupBy(rows, ({ cluster }) => cluster).values()];
  const clusters = groups.length;
  const mean = rows.reduce((sum, { value }) => sum + value, 0) / rows.length;
  const squares = groups.reduce(
    (sum, own) => sum + own.reduce((total, { value }) => total + value - mean, 0) ** 2,
    0,
  );
  const se = clusters < 2 ? null : Math.sqrt((squares * clusters) / (clusters - 1)) / rows.length;
  return { mean, se, clusters };
}
