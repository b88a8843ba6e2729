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
  // The score B(t) = Z √t begins at 0 and has independent normal steps; `mass` is that of B where no look has stopped it.
  let grid = { from: 0, step: 0, mass: Float64Array.of(1) };
  for (const [k, t] of fractions.entries()) {
    const before = fractions[k - 1] ?? 0;
    const sd = Math.sqrt(t - before);
    const target = Math.max(spent(t) - spent(before), 1e-12);
    const { from, step, mass } = grid;
    const beyond = (bound: number) =>
      mass.reduce((sum, each, i) => {
        const b = from + i * step;
        return sum + each * (normalCdf((-bound - b) / sd) + 1 - normalCdf((bound - b) / sd));
      }, 0);
    let [low, high] = [0, 8 * Math.sqrt(t)];
    for (let i = 0; i < 32; i++) {
      const middle = (low + high) / 2;
      if (beyond(middle) > target) low = middle;
      else high = middle;
    }
    const bound = (low + high) / 2;
    bounds.push(bound / Math.sqrt(t));
    const width = (2 * bound) / STEPS;
    const density = (at: number) =>
      mass.reduce((sum, each, i) => sum + (each * normalDensity((at - from - i * step) / sd)) / sd, 0);
    grid = {
      from: -bound,
      step: width,
      mass: Float64Array.from(
        { length: STEPS + 1 },
        (_, j) => density(-bound + j * width) * width * (j === 0 || j === STEPS ? 0.5 : 1),
      ),
    };
  }
  return bounds;
}

const normalDensity = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
