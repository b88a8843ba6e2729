import { NORMAL_975 } from "./math/normal";

/**
 * The 95 % Wilson score interval of a share. Pure: pages and programs use it too.
 * Source: E. B. Wilson, JASA 22 (1927), p. 209–212.
 * @param count successes, of `of` trials (at least one)
 */
export function wilsonInterval(count: number, of: number): { share: number; low: number; high: number } {
  const z = NORMAL_975;
  const share = count / of;
  const centre = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of);
  // Both bounds lie within 0 and 1 by the formula; rounding may leave it by the last digit.
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
