import { randomOf } from "../statistics/math/random";
import type { TooClose } from "./diverse";
import { cosine, type Vectors } from "./vectors";

const steps = 20;

/**
 * Semantic duplicates: k-means on the sphere, and within a cluster a row goes when its cosine to one farther from the
 * cluster's centre is above 1 − ε: of a group the least typical stays. As in the authors' code a row that itself goes
 * still speaks for others. Duplicates that fall into two clusters are not seen; one cluster compares all.
 * Source: A. Abbas et al., SemDeDup, arXiv 2303.09540.
 * @param clusters by default √n; the work is n² ÷ clusters
 * @returns for each row the most alike of those before it, or null where it stays
 */
export function semanticDuplicates(
  vectors: Vectors,
  {
    epsilon,
    seed,
    clusters = Math.ceil(Math.sqrt(vectors.rows)),
  }: { readonly epsilon: number; readonly seed: number; readonly clusters?: number },
): (TooClose | null)[] {
  const found = new Array<TooClose | null>(vectors.rows).fill(null);
  for (const cluster of clustered(vectors, Math.min(clusters, vectors.rows), seed))
    for (const [place, row] of cluster.entries()) {
      for (const of of cluster.slice(0, place)) {
        const near = cosine(vectors, row, of);
        if (near > 1 - epsilon && near > (found[row]?.cosine ?? -1)) found[row] = { of, cosine: near };
      }
    }
  return found;
}

/** The rows of each cluster, from the farthest from its centre to the nearest, of equal ones the earlier first. */
function clustered({ rows, size, values }: Vectors, count: number, seed: number): number[][] {
  // The centres lie behind the rows, so that one function measures all.
  const all: Vectors = { rows: rows + count, size, values: new Float32Array((rows + count) * size) };
  all.values.set(values);
  const centreAt = (cluster: number) => (rows + cluster) * size;
  const random = randomOf(seed);
  const free = [...Array(rows).keys()];
  for (let cluster = 0; cluster < count; cluster++) {
    const [row] = free.splice(Math.floor(random() * free.length), 1);
    all.values.copyWithin(centreAt(cluster), row * size, (row + 1) * size);
  }
  const of = new Int32Array(rows).fill(-1);
  const nearness = new Float64Array(rows);
  for (let step = 0; step < steps; step++) {
    let moved = 0;
    for (let row = 0; row < rows; row++) {
      let best = -1;
      nearness[row] = Number.NEGATIVE_INFINITY;
      for (let cluster = 0; cluster < count; cluster++) {
        const near = cosine(all, row, rows + cluster);
        if (near > nearness[row]) [best, nearness[row]] = [cluster, near];
      }
      if (best !== of[row]) moved++;
      of[row] = best;
    }
    if (moved === 0) break;
    const sums = new Float64Array(count * size);
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < size; i++) sums[of[row] * size + i] += values[row * size + i];
    for (let cluster = 0; cluster < count; cluster++) {
      const sum = sums.subarray(cluster * size, (cluster + 1) * size);
      const length = Math.hypot(...sum);
      // A cluster that lost its rows, or whose rows cancel out, stays where it was.
      if (length > 0) for (let i = 0; i < size; i++) all.values[centreAt(cluster) + i] = sum[i] / length;
    }
  }
  const clusters = Array.from({ length: count }, (): number[] => []);
  for (let row = 0; row < rows; row++) clusters[of[row]].push(row);
  for (const cluster of clusters)
    cluster.sort((one, other) => nearness[one] - nearness[other] || one - other);
  return clusters;
}
