import { certify } from "../statistics/joint/certificate";
import type { JointWinRate } from "./schema";

/** At most this share of the verdicts that stand may be wrong, but for this risk. */
const [ALLOWED, DELTA] = [0.05, 0.1];

/** A pair with the judge's probability and what people say. */
interface Verdict {
  f: number;
  /** The mean of people's judgements; null where nobody judged it. */
  y: number | null;
}

/** What a score says of the two: the first, the second, or neither. */
const said = (score: number) => Math.sign(score - 0.5);

/**
 * How many of a judge's verdicts may stand without people, the surest first. A verdict is wrong where people's majority
 * says another thing. Those that people judged serve as labels in the order in which they came to be judged, which must
 * be one of chance.
 * @param judged pairs that people judged, in that order. @param others those that nobody did
 */
export function certificateOf(
  judged: readonly Verdict[],
  others: readonly Verdict[],
): NonNullable<JointWinRate["certificate"]> {
  const pairs = [...judged, ...others];
  const found = certify({
    confidence: Float64Array.from(pairs, ({ f }) => Math.max(f, 1 - f)),
    order: Int32Array.from(pairs.keys()),
    isWrong: (i) => {
      const { f, y } = pairs[i];
      return y === null ? null : said(f) !== said(y);
    },
    ...{ allowed: ALLOWED, delta: DELTA },
  });
  const last = found.tried.findLast(({ certified }) => certified) ?? found.tried.at(-1);
  return {
    of: pairs.length,
    accepted: found.accepted.length,
    surest: last?.size ?? 0,
    threshold: last?.threshold ?? null,
    labels: last?.labels ?? 0,
    errors: last?.errors ?? 0,
  };
}
