import type { Line } from "@/app/components/charts/curve";
import { type Axis, along, type Points } from "@/app/components/charts/settings";

/** One plot: an idea, and the metrics that speak about it. */
interface Plot {
  title: string;
  unit: string;
  metrics: readonly string[];
  /** Nothing in it is noise. */
  exact?: true;
}

const plots: readonly Plot[] = [
  { title: "Loss", unit: "nats", metrics: ["loss", "eval_loss"] },
  {
    title: "Reward accuracy",
    // TRL's: every micro-batch weighs the same, also a shorter last one. The model's page has the share of rows.
    unit: "share, mean of batches",
    metrics: ["rewards/accuracies", "eval_rewards/accuracies", "accuracy", "eval_accuracy"],
  },
  {
    title: "Reward margin",
    unit: "reward",
    metrics: ["rewards/margins", "eval_rewards/margins", "margin", "eval_margin"],
  },
  { title: "Rewards", unit: "reward", metrics: ["rewards/chosen", "rewards/rejected", "mean_reward"] },
  { title: "Token accuracy", unit: "share", metrics: ["mean_token_accuracy", "eval_mean_token_accuracy"] },
  { title: "Learning rate", unit: "per step", metrics: ["learning_rate"], exact: true },
  { title: "Gradient norm", unit: "before clipping", metrics: ["grad_norm"] },
  { title: "Speed", unit: "tokens/s", metrics: ["tokens_per_second"] },
  { title: "Memory", unit: "GB", metrics: ["memory_bytes", "gpu_memory_bytes"], exact: true },
  { title: "GPU utilisation", unit: "share", metrics: ["gpu_utilization"] },
  { title: "GPU power", unit: "W", metrics: ["gpu_power_watts"] },
];

export interface RunCurve {
  name: string;
  points: Points;
}

/**
 * A run's curves over another axis than its steps; none where the run does not say how its steps lie on it.
 * @param seconds of the run by step, once they are known
 */
export function curvesAlong(curves: readonly RunCurve[], x: Axis, seconds: Points = []): readonly RunCurve[] {
  if (x === "step") return curves;
  const clock =
    x === "tokens"
      ? (curves.find(({ name }) => name === "num_tokens")?.points ?? [])
      : seconds.map(([step, second]) => [step, second / 60] as const);
  if (clock.length === 0) return [];
  return curves.map(({ name, points }) => ({ name, points: along(points, clock) }));
}

const isHeldOut = (metric: string) => metric.startsWith("eval_");

/** The plots of a run, those it has values for; memory in GB. */
export function plotsOf(curves: readonly RunCurve[]) {
  const byName = new Map(curves.map(({ name, points }) => [name, points]));
  return plots.flatMap(({ title, unit, metrics, exact }) => {
    const trained = metrics.filter((name) => byName.has(name) && !isHeldOut(name));
    const lines = metrics.flatMap((name): Line[] => {
      const points = byName.get(name);
      if (!points) return [];
      return [
        {
          name,
          exact: exact ?? isHeldOut(name),
          // Told apart without their colours, which are the runs' where several are compared.
          stroke: isHeldOut(name) ? "dashed" : name === trained[0] ? "solid" : "dotted",
          points: unit === "GB" ? points.map(([step, value]) => [step, value / 1e9] as const) : points,
        },
      ];
    });
    return lines.length > 0 ? [{ title, unit, lines }] : [];
  });
}
