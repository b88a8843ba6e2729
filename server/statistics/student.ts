/**
 * The value that Student's t with `degrees` degrees of freedom stays below with probability `p`, ½ < p < 1.
 * Source: the finite series for the distribution, Abramowitz & Stegun 26.7.3 and 26.7.4, inverted by bisection.
 */
export function studentQuantile(p: number, degrees: number): number {
  const inside = 2 * p - 1;
  let [low, high] = [0, 1];
  while (central(high, degrees) < inside) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (central(middle, degrees) < inside) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability of lying within ±t. */
function central(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
