import { betaCdf } from "./beta";

/**
 * The value that Student's t with `degrees` degrees of freedom stays below with probability `p`, ½ < p < 1.
 * Source: the distribution as an incomplete beta function (Abramowitz & Stegun 26.7.1), inverted by bisection.
 */
export function studentQuantile(p: number, degrees: number): number {
  const below = (t: number) => 1 - betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  let [low, high] = [0, 1];
  while (below(high) < p) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (below(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
