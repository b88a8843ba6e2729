import { digamma, lnGamma } from "../math/beta";
import { randomOf } from "../math/random";
import { countedLabels, type Labels } from "./labels";

export interface Mace {
  /** items × classes. */
  posterior: Float64Array;
  /** Each rater's chance of knowing the answer instead of guessing, the posterior mean; null without votes. */
  competence: (number | null)[];
  /** The variational bound on the log-likelihood that was kept, and those of all starts. */
  bound: number;
  bounds: number[];
  dropped: number;
  method: string;
}

export interface MaceOptions {
  /** The chance of knowing that the first start begins from. */
  theta?: number;
  /** How many starts; the first is the plain one, the others are drawn, each with a seed of its own. */
  restarts?: number;
  iterations?: number;
  seed?: number;
}

/** Priors: knowing ~ Beta(½, ½), guesses ~ Dirichlet(10, …, 10). */
const [KNOWS, GUESSES] = [0.5, 10];

/**
 * MACE, Hovy, Berg-Kirkpatrick, Vaswani & Hovy, NAACL 2013 (p. 1120–1130): a rater either knows the answer or guesses by
 * a habit of their own. Variational Bayes in logarithms, the best bound of several starts. Better than Dawid–Skene for
 * many raters with few votes each. Unlike crowd-kit 1.4.2 nothing depends on the order of rows, and each start differs.
 */
export function mace(
  labels: Labels,
  { theta = 0.7, restarts = 10, iterations = 200, seed = 1 }: MaceOptions = {},
): Mace {
  const counted = countedLabels(labels);
  const starts = Array.from({ length: restarts }, (_, start) => {
    const random = randomOf(seed + start);
    return variational(
      counted,
      start === 0
        ? { know: () => theta, jitter: () => 1 }
        : {
            know: () => 0.4 + 0.5 * random(),
            jitter: () => 0.5 + random(),
          },
      iterations,
    );
  });
  // Starts that end in one optimum differ in the last digits: the earlier is kept, and the first depends on nothing drawn.
  const best = starts.reduce((kept, each) =>
    each.bound > kept.bound + 1e-6 * Math.abs(kept.bound) ? each : kept,
  );
  const method = `MACE (2013), variational Bayes, Beta(½, ½) and Dirichlet(10), best of ${restarts} starts, seed ${seed}`;
  return { ...best, bounds: starts.map(({ bound }) => bound), dropped: counted.dropped, method };
}

function variational(
  { items, raters, classes: k, item, rater, label }: Labels,
  { know, jitter }: { know: () => number; jitter: () => number },
  iterations: number,
): Pick<Mace, "posterior" | "competence" | "bound"> {
  const votes = label.length;
  // Weights of knowing, of guessing, and of each guess; after the first step exp(E log ·), which add up to less than 1.
  const knowing = new Float64Array(raters);
  const guessing = new Float64Array(raters);
  const guess = new Float64Array(raters * k);
  for (let r = 0; r < raters; r++) {
    knowing[r] = know();
    guessing[r] = 1 - knowing[r];
    const habit = Array.from({ length: k }, jitter);
    const total = habit.reduce((sum, each) => sum + each, 0);
    for (let s = 0; s < k; s++) guess[r * k + s] = habit[s] / total;
  }
  const posterior = new Float64Array(items * k);
  const [known, guessed] = [new Float64Array(raters), new Float64Array(raters)];
  const habits = new Float64Array(raters * k);
  const logs = new Float64Array(k);
  let [bound, before] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let step = 0; step < iterations; step++) {
    // E: how likely each class is, and how likely each vote was known.
    let evidence = 0;
    const divergence = step === 0 ? 0 : divergenceOf();
    known.fill(0);
    guessed.fill(0);
    habits.fill(0);
    for (let i = 0, v = 0; i < items; i++) {
      const from = v;
      logs.fill(-Math.log(k));
      for (; v < votes && item[v] === i; v++) {
        const r = rater[v];
        const byGuess = guessing[r] * guess[r * k + label[v]];
        const unlike = Math.log(byGuess);
        for (let t = 0; t < k; t++) logs[t] += t === label[v] ? Math.log(byGuess + knowing[r]) : unlike;
      }
      const top = Math.max(...logs);
      let sum = 0;
      for (let t = 0; t < k; t++) sum += Math.exp(logs[t] - top);
      for (let t = 0; t < k; t++) posterior[i * k + t] = Math.exp(logs[t] - top) / sum;
      evidence += top + Math.log(sum);
      for (let at = from; at < v; at++) {
        const r = rater[at];
        const byGuess = guessing[r] * guess[r * k + label[at]];
        const knew = (posterior[i * k + label[at]] * knowing[r]) / (byGuess + knowing[r]);
        known[r] += knew;
        guessed[r] += 1 - knew;
        habits[r * k + label[at]] += 1 - knew;
      }
    }
    bound = evidence - divergence;
    if (step > 1 && Math.abs(bound - before) < 1e-12 * Math.abs(bound)) break;
    before = bound;
    // M: exp(E log ·) under the posteriors of the parameters.
    for (let r = 0; r < raters; r++) {
      const total = digamma(known[r] + guessed[r] + 2 * KNOWS);
      knowing[r] = Math.exp(digamma(known[r] + KNOWS) - total);
      guessing[r] = Math.exp(digamma(guessed[r] + KNOWS) - total);
      const all = digamma(guessed[r] + k * GUESSES);
      for (let s = 0; s < k; s++) guess[r * k + s] = Math.exp(digamma(habits[r * k + s] + GUESSES) - all);
    }
  }
  const competence = Array.from(known, (c, r) =>
    known[r] + guessed[r] > 0 ? (c + KNOWS) / (c + guessed[r] + 2 * KNOWS) : null,
  );
  return { posterior, competence, bound };

  /** Kullback–Leibler divergence of the parameters' posteriors, which the last M step made, from their priors. */
  function divergenceOf(): number {
    let sum = 0;
    for (let r = 0; r < raters; r++) {
      if (known[r] + guessed[r] === 0) continue;
      sum += dirichletDivergence([known[r] + KNOWS, guessed[r] + KNOWS], KNOWS, [knowing[r], guessing[r]]);
      const counts = Array.from(habits.subarray(r * k, (r + 1) * k), (count) => count + GUESSES);
      sum += dirichletDivergence(counts, GUESSES, guess.subarray(r * k, (r + 1) * k));
    }
    return sum;
  }
}

/** KL(Dirichlet(a) ‖ Dirichlet(p, …, p)), with exp(E log ·) of the former known. */
function dirichletDivergence(a: readonly number[], p: number, expLog: ArrayLike<number>): number {
  const total = a.reduce((sum, each) => sum + each, 0);
  let sum = lnGamma(total) - lnGamma(p * a.length);
  for (const [s, each] of a.entries()) sum += lnGamma(p) - lnGamma(each) + (each - p) * Math.log(expLog[s]);
  return sum;
}
