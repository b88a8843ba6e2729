/**
 * The probability that a standard normal variable stays below x.
 * Source: the series Φ(x) = ½ + φ(x)(x + x³/3 + x⁵/(3·5) + …), G. Marsaglia, Journal of Statistical Software 11 (2004).
 */
export function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term] = [x, x];
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The 97.5 % quantile, of which 95 % intervals are made. */
export const NORMAL_975 = 1.959964;

/** The value that a standard normal variable stays below with probability p, 0 < p < 1: `normalCdf` inverted. */
export function normalQuantile(p: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
