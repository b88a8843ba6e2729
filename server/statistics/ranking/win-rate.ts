import { clusteredShare } from "../clustered-share";

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
  // A prompt's mean is one success or less of one, so that every prompt weighs the same.
  const { clusters: prompts, ...share } = clusteredShare(
    means.map((count) => ({ of: 1, count, clusters: 1 })),
  );
  const n = outcomes.length;
  if (prompts === 0) return { ...share, n, prompts, reason: "Nothing was compared yet." };
  if (prompts === 1) return { ...share, n, prompts, reason: "One prompt alone says nothing of others." };
  return { ...share, n, prompts };
}
