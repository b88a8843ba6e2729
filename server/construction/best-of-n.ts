/** The answers to one prompt, each with the score that chooses and a score that is trusted more, such as people's. */
export type Answers = readonly { readonly proxy: number; readonly gold: number }[];

/** What the best of n answers is worth on average: by the score that chose it, and by the trusted one. */
interface BestOf {
  readonly n: number;
  readonly proxy: number;
  readonly gold: number;
}

export interface BestOfCurve {
  readonly points: readonly BestOf[];
  /** The n from which on the trusted score falls while the choosing one still grows; null where it does not. */
  readonly overOptimisedFrom: number | null;
}

/**
 * The curve of best-of-n for n = 1, 2, 4, … up to the least number of answers of a prompt: the mean over all ways to draw
 * n of the answers, not one draw. Answers with equal scores stand for each other.
 * Source: the unbiased estimator of R. Nakano et al., WebGPT, arXiv 2112.09332, appendix I: in ascending order the i-th
 * of N is the best of n in C(i−1, n−1) ÷ C(N, n) of the draws. Over-optimisation: L. Gao et al., arXiv 2210.10760.
 */
export function bestOfCurve(prompts: readonly Answers[]): BestOfCurve {
  const most = Math.min(...prompts.map(({ length }) => length));
  const points: BestOf[] = [];
  for (let n = 1; n <= most && prompts.length > 0; n *= 2) {
    const each = prompts.map((answers) => expectedBest(answers, n));
    const mean = (of: "proxy" | "gold") => each.reduce((sum, one) => sum + one[of], 0) / each.length;
    points.push({ n, proxy: mean("proxy"), gold: mean("gold") });
  }
  const peak = points.reduce((best, { gold }, at) => (gold > points[best].gold ? at : best), 0);
  const after = points.slice(peak + 1);
  const falls = after.length > 0 && after.every(({ gold }) => gold < points[peak].gold);
  return { points, overOptimisedFrom: falls ? points[peak].n : null };
}

function expectedBest(answers: Answers, n: number): { proxy: number; gold: number } {
  const sorted = answers.toSorted((one, other) => one.proxy - other.proxy);
  const total = sorted.length;
  let proxy = 0;
  let gold = 0;
  // From the top down: the weight of rank i − 1 is that of i × (i − n) ÷ (i − 1).
  let weight = n / total;
  for (let rank = total; rank >= n; ) {
    // Equal scores are drawn one for another, so each of them has the mean of their weights and gold.
    let tied = rank;
    while (tied > 1 && sorted[tied - 2].proxy === sorted[rank - 1].proxy) tied--;
    const group = sorted.slice(tied - 1, rank);
    const meanGold = group.reduce((sum, one) => sum + one.gold, 0) / group.length;
    for (; rank >= Math.max(tied, n); rank--) {
      proxy += weight * sorted[rank - 1].proxy;
      gold += weight * meanGold;
      if (rank > 1) weight *= (rank - n) / (rank - 1);
    }
  }
  return { proxy, gold };
}
