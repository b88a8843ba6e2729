import { studentQuantile } from "../math/student";
import { wilsonInterval } from "../wilson";

/** What came of one comparison: 1 won, 0 lost, ½ neither. */
export interface Outcome {
  promptId: string;
  score: number;
}

export interface WinRate {
  /** Null where nothing was compared. */
  estimate: number | null;
  /** The 95 % interval; null where one prompt says nothing of others. */
  low: number | null;
  high: number | null;
  method: "sandwich" | "wilson" | null;
  /** Comparisons and the prompts that they belong to, which are what is independent. */
  n: number;
  prompts: number;
  /** Why there is no estimate or no interval. */
  reason?: string;
}

/**
 * The share of prompts on which one of two models wins, a tie counts half; every prompt weighs the same, whether a
 * rule decided it, one rater or several. Raters of one prompt are not independent, so the interval counts prompts:
 * Bradley–Terry of two models, its sandwich variance clustered by prompt × G/(G−1), and t(G−1) on the logit scale
 * (Cameron & Miller, Journal of Human Resources 50, 2015). Where prompts do not differ, as when
 * all are won, there is no variance to read and the interval is Wilson's on the number of prompts.
 */
export function winRate(outcomes: readonly Outcome[]): WinRate {
  const byPrompt = new Map<string, number[]>();
  for (const { promptId, score } of outcomes)
    byPrompt.set(promptId, [...(byPrompt.get(promptId) ?? []), score]);
  const means = [...byPrompt.values()].map(
    (scores) => scores.reduce((total, score) => total + score, 0) / scores.length,
  );
  const [n, prompts] = [outcomes.length, means.length];
  const nothing = { low: null, high: null, method: null, n, prompts };
  if (prompts === 0) return { estimate: null, ...nothing, reason: "Nothing was compared yet." };
  const share = means.reduce((total, mean) => total + mean, 0) / prompts;
  if (prompts === 1)
    return { estimate: share, ...nothing, reason: "One prompt alone says nothing of others." };
  const squares = means.reduce((total, mean) => total + (mean - share) ** 2, 0);
  if (squares === 0) {
    const { low, high } = wilsonInterval(share * prompts, prompts);
    return { estimate: share, low, high, method: "wilson", n, prompts };
  }
  const logit = Math.log(share / (1 - share));
  const error = Math.sqrt((squares * prompts) / (prompts - 1)) / (prompts * share * (1 - share));
  const half = studentQuantile(0.975, prompts - 1) * error;
  const probability = (x: number) => 1 / (1 + Math.exp(-x));
  return {
    estimate: share,
    low: probability(logit - half),
    high: probability(logit + half),
    method: "sandwich",
    n,
    prompts,
  };
}
