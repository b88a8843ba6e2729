/** The value at x; writes the gradient at x into the second argument. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  x: Float64Array;
  value: number;
}

const MEMORY = 20;
const STEPS = 5000;

/**
 * The minimum of a smooth function from where it starts, by L-BFGS (Nocedal & Wright, Numerical Optimization, 2nd ed.
 * 2006, algorithm 7.4). A step is accepted where the function falls enough, or, where rounding hides whether it does,
 * where the slope along it shrinks (Hager & Zhang, SIAM Journal on Optimization 16, 2005).
 */
export function minimise(objective: Objective, start: Float64Array): Minimum {
  const n = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(x, gradient);
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let step = 0; step < STEPS; step++) {
    const norm = Math.sqrt(dot(gradient, gradient));
    if (norm <= 1e-10 * Math.max(1, Math.abs(value))) break;
    let direction = descent(gradient, steps);
    let slope = dot(direction, gradient);
    if (slope >= 0) {
      steps.length = 0;
      direction = gradient.map((each) => -each);
      slope = -norm * norm;
    }
    let length = steps.length === 0 ? Math.min(1, 1 / norm) : 1;
    let next = x;
    let nextGradient = gradient;
    let nextValue = value;
    let accepted = false;
    for (let halving = 0; halving < 60 && !accepted; halving++, length /= 2) {
      next = x.map((each, i) => each + length * direction[i]);
      nextGradient = new Float64Array(n);
      nextValue = objective(next, nextGradient);
      accepted =
        nextValue <= value + 1e-4 * length * slope ||
        (nextValue <= value + 1e-13 * Math.abs(value) &&
          Math.abs(dot(nextGradient, direction)) <= 0.9 * -slope);
    }
    if (!accepted) break;
    const s = next.map((each, i) => each - x[i]);
    const y = nextGradient.map((each, i) => each - gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y))) {
      steps.push({ s, y, rho: 1 / curvature });
      if (steps.length > MEMORY) steps.shift();
    }
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return { x, value };
}

/** −H g with the inverse Hessian that the last steps tell of. */
function descent(
  gradient: Float64Array,
  steps: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((each) => -each);
  const factors: number[] = [];
  for (const { s, y, rho } of steps.toReversed()) {
    const factor = rho * dot(s, q);
    factors.push(factor);
    for (let i = 0; i < q.length; i++) q[i] -= factor * y[i];
  }
  const last = steps.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (const { s, y, rho } of steps) {
    const factor = (factors.pop() ?? 0) - rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] += factor * s[i];
  }
  return q;
}

/** The Hessian at x by central differences of the gradient, symmetric, row by row. */
export function hessianAt(objective: Objective, x: Float64Array): Float64Array {
  const n = x.length;
  const hessian = new Float64Array(n * n);
  const [above, below] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    const h = 1e-5 * Math.max(1, Math.abs(x[i]));
    const moved = Float64Array.from(x);
    moved[i] = x[i] + h;
    objective(moved, above.fill(0));
    moved[i] = x[i] - h;
    objective(moved, below.fill(0));
    for (let j = 0; j < n; j++) {
      const half = (above[j] - below[j]) / (4 * h);
      hessian[i * n + j] += half;
      hessian[j * n + i] += half;
    }
  }
  return hessian;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return sum;
}
