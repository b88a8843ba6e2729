import { clusteredError, clusteredMean } from "../clustered-mean";
import type { Estimate } from "../estimate";
import { type Compared, peoplesScore, probabilityOf, type Share, shareByPrompt } from "./compared";

/** Comparisons on which the judge was about as sure: how sure, and how often people agreed. */
interface Bin {
  /** Mean confidence of the bin, ½ to 1. */
  confidence: number;
  /** The share of people's votes for the response that the judge prefers, a tie half. */
  right: Share;
  items: number;
}

export interface Reliability {
  /** Whether the judge says how sure it is; where it does not, a verdict counts as certain, and a tie as ½. */
  isGraded: boolean;
  bins: Bin[];
  /** The expected calibration error: the mean over comparisons of |confidence − right| of their bin. */
  error: number | null;
  /** What a perfectly calibrated judge would show on these comparisons on average, by chance alone. */
  byChance: number | null;
  /** Mean confidence less the share of right: above 0 the judge is surer than people bear out. */
  overconfidence: Estimate;
  items: number;
}

/** At most this many bins, and no fewer comparisons in one. */
const BINS = 10;
const FEWEST = 5;

/**
 * How far a judge's probabilities are borne out by people. Of each comparison the response that the judge prefers counts,
 * so that nothing depends on which of two is called the first: confidence max(p, 1 − p) against people's votes for it. Bins
 * of equal count, but what is equally sure is never parted. Chance: a bin of a calibrated judge is off by √(2/π) standard
 * errors on average, with the error of the bin itself, clustered by prompt.
 * Source: Naeini, Cooper & Hauskrecht, AAAI 2015; Guo et al., arXiv 1706.04599, for confidence.
 */
export function reliability(compared: readonly Compared[]): Reliability {
  const rows = compared
    .flatMap((one) => {
      const [p, y] = [probabilityOf(one), peoplesScore(one)];
      if (one.verdict === null || p === null || y === null) return [];
      const right = p > 0.5 ? y : p < 0.5 ? 1 - y : 0.5;
      return [{ prompt: one.prompt, confidence: Math.max(p, 1 - p), right }];
    })
    .sort((one, other) => one.confidence - other.confidence);
  const n = rows.length;
  const count = Math.max(1, Math.min(BINS, Math.floor(n / FEWEST)));
  const bins: Bin[] = [];
  let [error, byChance] = [0, 0];
  for (let bin = 0, from = 0; bin < count; bin++) {
    let to = Math.floor(((bin + 1) * n) / count);
    while (to > from && to < n && rows[to].confidence === rows[to - 1].confidence) to++;
    if (to <= from) continue;
    const own = rows.slice(from, to);
    from = to;
    const confidence = own.reduce((sum, row) => sum + row.confidence, 0) / own.length;
    const right = shareByPrompt(own.map((row) => ({ prompt: row.prompt, count: row.right, of: 1 })));
    bins.push({ confidence, right, items: own.length });
    const gap = clusteredError(gapsOf(own));
    error += (own.length / n) * Math.abs(gap.mean);
    byChance += (own.length / n) * Math.sqrt(2 / Math.PI) * (gap.se ?? 0);
  }
  return {
    isGraded: compared.some(({ verdicts }) => verdicts.some(({ p }) => p !== null && p % 0.5 !== 0)),
    bins,
    error: n === 0 ? null : error,
    byChance: n === 0 || bins.some(({ right }) => right.clusters < 2) ? null : byChance,
    overconfidence: clusteredMean(gapsOf(rows)),
    items: n,
  };
}

/** How far each confidence lies above what people bear out. */
const gapsOf = (rows: readonly { prompt: string; confidence: number; right: number }[]) =>
  rows.map(({ prompt, confidence, right }) => ({ cluster: prompt, value: confidence - right }));
