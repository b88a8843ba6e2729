import { type Design, fitLogistic, type LogisticFit, logistic, sandwich } from "../math/logistic";
import { randomOf } from "../math/random";
import { type Clustering, clusteredBy, clustering, clusteringsOf, errorBars, NO_ERROR } from "./errors";
import { componentsOf, strongComponentsOf } from "./graph";
import { checkedVotes, type Votes, winsOf } from "./votes";

/** Log-strengths of models and how sure they are. Arrays have one entry a model, null for who never played. */
export interface Strengths {
  /** Natural-log odds, adding up to 0; null where comparisons leave them open, and `reason` says why. */
  theta: (number | null)[] | null;
  /** Standard errors and 95 % intervals of θ as deviations from the mean of all models; null without `theta`. */
  se: (number | null)[] | null;
  low: (number | null)[] | null;
  high: (number | null)[] | null;
  /** The errors of the listed models by each way that rows belong together; none without intervals. */
  errors: readonly Clustering[];
  /** The models that played, which is what rows of a covariance stand for. */
  listed: number[];
  logLik: number | null;
  method: string;
  /** Votes, and the prompts that they belong to. */
  n: number;
  prompts: number;
  dropped: number;
  /** Groups that never met: each has a ranking of its own, and no number compares across. */
  components: number[][];
  /** Groups in order of "beat or tied"; more than one means that the maximum of the likelihood does not exist. */
  strongComponents: number[][];
  mleExists: boolean;
  reason?: string;
}

/**
 * How the variance is read: clustered by prompt and, where raters are given, by rater, × G/(G−1); by prompt without it;
 * by row; or from the curvature alone.
 */
export type Spread = "clustered" | "prompt" | "row" | "hessian";

const WORDS: Record<Exclude<Spread, "clustered">, string> = {
  prompt: "sandwich clustered by prompt, t(G − 1)",
  row: "sandwich by row, t(n − 1)",
  hessian: "inverse Hessian, t(n − 1)",
};

/**
 * Bradley–Terry strengths, P(a beats b) = 1 / (1 + exp(θ_b − θ_a)), a tie half a win for each, by maximum likelihood
 * (Newton). Where two groups never met, or somebody never lost or never won, no maximum exists: θ is null and the reason
 * names them; with `ridge` the maximum of likelihood minus ridge/2·Σθ² is given instead and marked as regularised.
 * Unit: natural-log odds; `elo` makes points of them.
 * Sources: Bradley & Terry, Biometrika 39 (1952); existence: Ford (1957), Hunter, Annals of Statistics 32 (2004).
 */
export function bradleyTerry(
  votes: Votes,
  { spread = "clustered", ridge }: { spread?: Spread; ridge?: number } = {},
): Strengths {
  checkedVotes(votes);
  const { models, y, cluster } = votes;
  const wins = winsOf(votes);
  const components = componentsOf(wins, models);
  const listed = components.flat().sort((one, other) => one - other);
  const strong = strongComponentsOf(wins, models).filter((group) => listed.includes(group[0]));
  const prompts = cluster ? new Set(cluster).size : y.length;
  const mleExists = components.length === 1 && strong.length === 1;
  const found = { n: y.length, prompts, dropped: 0, listed, components, strongComponents: strong, mleExists };
  const open = { theta: null, se: null, low: null, high: null, errors: [], logLik: null };
  const read = spread === "clustered" ? clusteredBy(votes.rater) : WORDS[spread];
  const method = `Bradley–Terry, ties half; ${read}`;
  if (listed.length === 0) return { ...open, ...found, method, reason: "Nothing was compared yet." };
  if (components.length > 1)
    return {
      ...open,
      ...found,
      method,
      reason: `${components.length} groups of models never met one another: each has its own ranking.`,
    };
  if (!mleExists && ridge === undefined)
    return {
      ...open,
      ...found,
      method,
      reason: "Some never lost or never won against the rest: no finite strengths are most likely.",
    };
  const place = new Int32Array(models);
  for (const [at, i] of listed.entries()) place[i] = at;
  const among: Votes = {
    ...votes,
    models: listed.length,
    a: votes.a.map((i) => place[i]),
    b: votes.b.map((i) => place[i]),
  };
  const fit = fitWins(winsOf(among), among.models, { ridge });
  if (!fit) return { ...open, ...found, method, reason: "The fit did not converge." };
  const bars = errorBars(Array.from(fit.x), errorsOf(among, fit, spread));
  const spreadOut = <T>(values: readonly T[]) =>
    Array.from({ length: models }, (_, i) => (listed.includes(i) ? values[place[i]] : null));
  return {
    ...found,
    theta: spreadOut(Array.from(fit.x)),
    se: bars.se && spreadOut(bars.se),
    low: bars.low && spreadOut(bars.low),
    high: bars.high && spreadOut(bars.high),
    errors: bars.errors,
    logLik: -fit.loss,
    ...(bars.se ? {} : { reason: NO_ERROR }),
    method: ridge === undefined ? method : `${method}; regularised with ridge ${ridge}`,
  };
}

/** The most likely strengths for a table of wins (see `winsOf`), or null where there are none. */
export function strengthsOf(wins: Float64Array, models: number): Float64Array | null {
  if (models < 2) return new Float64Array(models);
  if (strongComponentsOf(wins, models).length > 1) return null;
  return fitWins(wins, models, {})?.x ?? null;
}

function fitWins(
  wins: Float64Array,
  models: number,
  { ridge, start }: { ridge?: number; start?: Float64Array },
): LogisticFit | null {
  return fitLogistic({
    ...pairRows(wins, models),
    ...(ridge === undefined ? { centred: models } : { ridge: new Float64Array(models).fill(ridge) }),
    start,
  });
}

/** One row a pair of models that met: their games and the wins of the first. */
function pairRows(
  wins: Float64Array,
  models: number,
): { design: Design; weight: Float64Array; target: Float64Array } {
  const pairs: [number, number][] = [];
  for (let i = 0; i < models; i++)
    for (let j = i + 1; j < models; j++)
      if (wins[i * models + j] + wins[j * models + i] > 0) pairs.push([i, j]);
  return {
    design: differences(
      models,
      Int32Array.from(pairs, ([i]) => i),
      Int32Array.from(pairs, ([, j]) => j),
    ),
    weight: Float64Array.from(pairs, ([i, j]) => wins[i * models + j] + wins[j * models + i]),
    target: Float64Array.from(pairs, ([i, j]) => wins[i * models + j]),
  };
}

/** Rows e_a − e_b. */
function differences(models: number, a: Int32Array, b: Int32Array): Design {
  const index = new Int32Array(2 * a.length);
  const value = new Float64Array(2 * a.length);
  for (let r = 0; r < a.length; r++) {
    index[2 * r] = a[r];
    index[2 * r + 1] = b[r];
    value[2 * r] = 1;
    value[2 * r + 1] = -1;
  }
  return { rows: a.length, columns: models, width: 2, index, value };
}

function errorsOf(
  { models, a, b, y, cluster, rater }: Votes,
  fit: LogisticFit,
  spread: Spread,
): Clustering[] {
  const bread = fit.covariance();
  if (spread === "hessian") return [clustering("curvature", bread, y.length - 1)];
  const residual = y.map((each, r) => each - logistic(fit.x[a[r]] - fit.x[b[r]]));
  const design = differences(models, a, b);
  if (spread === "clustered") return clusteringsOf(bread, design, residual, { cluster, rater });
  const groups = spread === "row" || !cluster ? Int32Array.from(y.keys()) : cluster;
  const degrees = new Set(groups).size - 1;
  if (degrees < 1) return [];
  const covariance = sandwich(bread, design, residual, { cluster: groups, correct: false });
  return [clustering(spread, covariance, degrees)];
}

/** Points as chess has them: 400 more are ten times the odds, 1000 the mean. */
export function elo(theta: number): number {
  return 1000 + (400 / Math.LN10) * theta;
}

/**
 * θ of resamples of whole prompts, for whoever wants the distribution and not only its error. Resamples in which no
 * maximum exists are left out and counted as dropped.
 * @param seed of the draws; the same seed gives the same resamples
 */
export function bootstrapBradleyTerry(
  votes: Votes,
  { draws, seed }: { draws: number; seed: number },
): { thetas: Float64Array[]; dropped: number } {
  checkedVotes(votes);
  const { models, a, b, y } = votes;
  const cluster = votes.cluster ?? Int32Array.from(y, (_, r) => r);
  const clusters = cluster.reduce((most, g) => Math.max(most, g + 1), 0);
  const order = Int32Array.from(cluster.keys()).sort((one, other) => cluster[one] - cluster[other]);
  const starts = new Int32Array(clusters + 1);
  for (const g of cluster) starts[g + 1]++;
  for (let g = 0; g < clusters; g++) starts[g + 1] += starts[g];
  const winner = Int32Array.from(order, (r) => a[r] * models + b[r]);
  const loser = Int32Array.from(order, (r) => b[r] * models + a[r]);
  const outcome = Float64Array.from(order, (r) => y[r]);
  const random = randomOf(seed);
  const thetas: Float64Array[] = [];
  let start: Float64Array | undefined;
  for (let draw = 0; draw < draws; draw++) {
    const wins = new Float64Array(models * models);
    const times = new Int32Array(clusters);
    for (let i = 0; i < clusters; i++) times[(random() * clusters) | 0]++;
    for (let g = 0; g < clusters; g++) {
      if (times[g] === 0) continue;
      for (let at = starts[g]; at < starts[g + 1]; at++) {
        wins[winner[at]] += times[g] * outcome[at];
        wins[loser[at]] += times[g] * (1 - outcome[at]);
      }
    }
    if (strongComponentsOf(wins, models).length > 1) continue;
    const fit = fitWins(wins, models, { start });
    if (!fit) continue;
    start = fit.x;
    thetas.push(fit.x);
  }
  return { thetas, dropped: draws - thetas.length };
}
