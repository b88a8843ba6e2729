import { InputError } from "../estimate";
import { normalCdf, normalQuantile } from "../math/normal";

/** Steps of the grid on which the density of the statistic that has not stopped is followed. */
const STEPS = 240;

/**
 * Critical values of repeated looks at an estimate whose information grows: at look k the interval is estimate ± c_k se,
 * and all of them together hold the truth with probability 1 − α, whatever one stops for. α is spent after O'Brien and
 * Fleming's manner, α(t) = 4 − 4Φ(z_{1−α/4}/√t), on the share t of the information that one means to reach: at a wanted
 * width, t = (wanted width / present width)², at most 1. Almost nothing is spent early, so that the last look costs about
 * two labels in a hundred.
 * Sources: Lan & DeMets, Biometrika 70 (1983); Armitage, McPherson & Rowe, JRSS A 132 (1969), the recursion;
 * Jennison & Turnbull, JRSS B 51 (1989), repeated confidence intervals.
 * @param fractions the shares of information at the looks so far, rising, each above 0 and at most 1
 * @returns one critical value a look, in standard errors
 * @throws InputError for shares that do not rise
 */
export function spendingBounds(
  fractions: readonly number[],
  { alpha = 0.05 }: { alpha?: number } = {},
): number[] {
  for (const [k, t] of fractions.entries())
    if (!(t > (fractions[k - 1] ?? 0) && t <= 1))
      throw new InputError(`fractions[${k}]: ${t}; shares of information rise, above 0 and at most 1`);
  const spent = (t: number) => 4 - 4 * normalCdf(normalQuantile(1 - alpha / 4) / Math.sqrt(t));
  const bounds: number[] = [];
  // The score B(t) = Z √t has independent normal increments; `density` is that of B where no look has stopped it.
  let grid: { from: number; step: number; density: Float64Array } | null = null;
  for (const [k, t] of fractions.entries()) {
    const before = k === 0 ? 0 : fractions[k - 1];
    const sd = Math.sqrt(t - before);
    const target = Math.max(spent(t) - (k === 0 ? 0 : spent(before)), 1e-12);
    const beyond = (bound: number) => {
      if (!grid) return 2 * (1 - normalCdf(bound / sd));
      let sum = 0;
      for (let i = 0; i <= STEPS; i++) {
        const b = grid.from + i * grid.step;
        const mass = grid.density[i] * grid.step * (i === 0 || i === STEPS ? 0.5 : 1);
        sum += mass * (normalCdf((-bound - b) / sd) + 1 - normalCdf((bound - b) / sd));
      }
      return sum;
    };
    let [low, high] = [0, 8 * Math.sqrt(t)];
    for (let i = 0; i < 32; i++) {
      const middle = (low + high) / 2;
      if (beyond(middle) > target) low = middle;
      else high = middle;
    }
    const bound = (low + high) / 2;
    bounds.push(bound / Math.sqrt(t));
    const step = (2 * bound) / STEPS;
    const density = new Float64Array(STEPS + 1);
    for (let j = 0; j <= STEPS; j++) {
      const at = -bound + j * step;
      if (!grid) {
        density[j] = normalDensity(at / sd) / sd;
        continue;
      }
      for (let i = 0; i <= STEPS; i++) {
        const mass = grid.density[i] * grid.step * (i === 0 || i === STEPS ? 0.5 : 1);
        density[j] += (mass * normalDensity((at - grid.from - i * grid.step) / sd)) / sd;
      }
    }
    grid = { from: -bound, step, density };
  }
  return bounds;
}

const normalDensity = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
