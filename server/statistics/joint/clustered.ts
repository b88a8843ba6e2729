import { groupBy } from "../../group";
import { studentQuantile } from "../math/student";
import type { Pilot } from "../width";
import { FEWEST } from "./ppi";

/** Something that a judge predicted and people may have judged. */
export interface Predicted {
  /** What is independent of others: the prompt. */
  cluster: string;
  /** The prediction, 0 to 1. */
  f: number;
  /** The mean of people's judgements, a tie ½; null where nobody judged it. */
  y: number | null;
  /** For how many rows it stands where it was judged, itself included: see `standsFor`. Alike where none says so. */
  stands?: number;
}

export interface Mean {
  estimate: number | null;
  se: number | null;
  low: number | null;
  high: number | null;
  /** Rows, and the clusters that they belong to. */
  n: number;
  clusters: number;
  /** Of the standard error. */
  degrees: number;
  reason?: string;
}

export interface ClusteredJoint {
  /** Rows that people judged, without the predictions. */
  people: Mean;
  /** Predictions of all rows, without people: no guarantee goes with it. */
  predicted: Mean;
  joint: Mean;
  /** How far predictions count, 0 to 1. */
  lambda: number;
  /** As many rows that people judge would alone be as precise; null where there is no interval. */
  effectiveN: number | null;
  /**
   * The mean prediction of the rows that people judged, less that of the others. Of a random draw it is 0 but for chance.
   */
  drift: Mean;
  /** What further judgements would bring, from the spread of those that are there. Null below `FEWEST` clusters. */
  pilot: Pilot | null;
}

interface Part {
  /** Each cluster's share in the error of a mean: what it lies above it, over the rows, × √(G/(G−1)). */
  errors: Map<string, number>;
  mean: number;
}

/**
 * A mean from rows that people judged and rows that only have a prediction: PPI++ as `ppiMean` has it, with clusters of
 * rows as what is independent, also where one has rows of both sorts. θ = λ f̄_U + mean(y − λf), the variance Σ of the
 * squared sums of each cluster's errors × G/(G−1), and Student's t(G−1) by the clusters that people judged. λ is
 * cov(y, f)/((1 + n/N) var f), both of sums by cluster, held in [0, 1]. With one row a cluster it is `ppiMean` to the last
 * digit. Valid whatever the predictions are worth, if the rows that people judged are a random draw and the predictions
 * were made without what people said of these; an interval leaves 0 to 1 nowhere. Where judged rows stand for unequal
 * numbers of others, θ = λ f̄ + mean(y − λf), f̄ of all rows, the second mean weighted by them, λ the one that makes the
 * variance smallest, and t counts (Σc)²/Σc² prompts, c what each stands for.
 * Sources: Angelopoulos et al., PPI++, arXiv 2311.01453; clusters: Cameron & Miller, Journal of Human Resources 50 (2015).
 */
export function clusteredJoint(rows: readonly Predicted[]): ClusteredJoint {
  const labelled = rows.flatMap(({ cluster, f, y, stands = 1 }) =>
    y === null || stands === 0 ? [] : [{ cluster, f, y, stands }],
  );
  const isEven = labelled.every(({ stands }) => stands === labelled[0].stands);
  const others = isEven ? rows.filter(({ y, stands }) => y === null || stands === 0) : rows;
  const [n, N] = [labelled.length, others.length];
  const y = partOf(labelled, (row) => row.y, standing);
  const [fL, fU, fAll] = [
    partOf(labelled, (row) => row.f, standing),
    partOf(others, (row) => row.f),
    partOf(rows, (row) => row.f),
  ];
  const clusters = y.errors.size;
  const degrees = (isEven ? clusters : effectiveClusters(labelled)) - 1;
  const apart = { mean: fL.mean - fU.mean, errors: sumOf([fL.errors, 1], [fU.errors, -1]) };
  const tuned =
    clusters < FEWEST || N === 0
      ? null
      : isEven
        ? tuning({ labelled, rows, y, fL, fAll })
        : { covariance: product(y, apart), variance: product(y, y), spread: product(apart, apart) };
  const isTuned = tuned !== null && tuned.spread > 1e-15 && tuned.variance > 1e-15;
  const share = isEven ? 1 + n / N : 1;
  const lambda = isTuned ? Math.min(1, Math.max(0, tuned.covariance / (share * tuned.spread))) : 0;
  const people = meanOf(y, { n, clusters, degrees });
  const joint =
    lambda === 0
      ? people
      : meanOf(
          {
            mean: lambda * fU.mean + y.mean - lambda * fL.mean,
            errors: sumOf([y.errors, 1], [fL.errors, -lambda], [fU.errors, lambda]),
          },
          { n, clusters, degrees },
        );
  const apartFrom = Math.min(fL.errors.size, fU.errors.size);
  return {
    people,
    joint,
    lambda,
    predicted: meanOf(fAll, { n: rows.length, clusters: fAll.errors.size }),
    effectiveN: people.se && joint.se ? n * (people.se / joint.se) ** 2 : null,
    drift: meanOf(apart, { n: Math.min(n, N), clusters: apartFrom, least: -1 }),
    pilot:
      people.se === null || clusters < FEWEST
        ? null
        : {
            variance: n * people.se ** 2,
            explained:
              isTuned && tuned.covariance > 0
                ? Math.min(1, tuned.covariance ** 2 / (tuned.spread * tuned.variance))
                : 0,
            ...{ rows: rows.length, judged: n, clusters },
          },
  };
}

const standing = ({ stands }: { stands: number }) => stands;

type Weighted = Pick<Predicted, "cluster" | "stands">;

/** A judged row counts by what it stands for; of all rows each counts once, judged or not. */
function partOf<Row extends Weighted>(
  rows: readonly Row[],
  value: (row: Row) => number,
  weight: (row: Row) => number = () => 1,
): Part {
  const whole = rows.reduce((sum, row) => sum + weight(row), 0);
  const mean = rows.reduce((sum, row) => sum + weight(row) * value(row), 0) / Math.max(1, whole);
  const groups = groupBy(rows, ({ cluster }) => cluster);
  const widened = groups.size > 1 ? Math.sqrt(groups.size / (groups.size - 1)) : 1;
  const above = (own: readonly Row[]) => own.reduce((sum, row) => sum + weight(row) * (value(row) - mean), 0);
  return {
    mean,
    errors: new Map([...groups].map(([cluster, own]) => [cluster, (widened * above(own)) / whole])),
  };
}

function sumOf(...parts: readonly [errors: Map<string, number>, weight: number][]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [errors, weight] of parts)
    for (const [cluster, error] of errors) sums.set(cluster, (sums.get(cluster) ?? 0) + weight * error);
  return sums;
}

/** Of sums by cluster, so that λ and what predictions explain are those of what is independent. */
function tuning({
  labelled,
  rows,
  y,
  fL,
  fAll,
}: { labelled: readonly Predicted[]; rows: readonly Predicted[] } & Record<"y" | "fL" | "fAll", Part>) {
  const n = labelled.length;
  const groups = y.errors.size;
  // The errors hold √(G/(G−1))/n: undone for the covariance, which ppi-python divides by n.
  const scale = (n * (groups - 1)) / groups;
  let [covariance, variance, spread] = [0, 0, 0];
  for (const [cluster, error] of y.errors) {
    covariance += scale * error * (fL.errors.get(cluster) ?? 0);
    variance += scale * error ** 2;
  }
  for (const error of fAll.errors.values())
    spread += (rows.length * (fAll.errors.size - 1) * error ** 2) / fAll.errors.size;
  spread *= rows.length / (rows.length - 1);
  return { covariance, variance, spread };
}

/** Σ of the clusters' errors in two means: their covariance. */
function product(one: Part, other: Pick<Part, "errors">): number {
  let sum = 0;
  for (const [cluster, error] of one.errors) sum += error * (other.errors.get(cluster) ?? 0);
  return sum;
}

/** As how many equally likely clusters those judged count, by what a cluster's rows stand for. */
const effectiveClusters = (labelled: readonly Required<Weighted>[]): number =>
  effectiveCount(
    [...groupBy(labelled, ({ cluster }) => cluster).values()].map((own) =>
      own.reduce((sum, { stands }) => sum + stands, 0),
    ),
  );

/** As how many of equal weight weighted ones count: (Σc)²/Σc², 0 of none. Source: Kish, Survey Sampling (1965), § 8.2. */
export function effectiveCount(weights: Iterable<number>): number {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight ** 2;
  }
  return squares > 0 ? sum ** 2 / squares : 0;
}

function meanOf(
  { mean, errors }: Part,
  {
    n,
    clusters,
    degrees = clusters - 1,
    least = 0,
  }: { n: number; clusters: number; degrees?: number; least?: number },
): Mean {
  const nothing = { se: null, low: null, high: null, n, clusters, degrees };
  if (n === 0) return { ...nothing, estimate: null, reason: "Nothing is judged yet." };
  if (clusters < 2) return { ...nothing, estimate: mean, reason: "One prompt alone says nothing of others." };
  const se = Math.sqrt([...errors.values()].reduce((sum, error) => sum + error ** 2, 0));
  if (se < 1e-12)
    return { ...nothing, estimate: mean, reason: "All are the same: nothing says how sure this is." };
  const half = studentQuantile(0.975, Math.max(1, degrees)) * se;
  return {
    ...{ estimate: mean, se, n, clusters, degrees },
    low: Math.max(least, mean - half),
    high: Math.min(1, mean + half),
  };
}
