import { UMAP } from "umap-js";
import { alongPrincipalAxes } from "../../server/meaning/principal";
import { randomOf } from "../../server/statistics/math/random";

const SEED = 1;
const AXES = 32;
const NEIGHBOURS = 15;
/** So many rows are laid out against each other, as many as take seconds; the others lie where the nearest of these do. */
const LAID_OUT = 10_000;
/** Too few to have neighbourhoods. */
const FEW = 5;

/**
 * Places on a plane, near for rows that are alike. The same rows in the same order have the same places.
 * Source: L. McInnes, J. Healy, J. Melville, UMAP, arXiv 1802.03426 (umap-js), over 32 principal axes.
 * @param values rows of `size` numbers, around zero
 * @returns x and y of each row, from −1 to 1
 */
export function placesOf(
  { values, size }: { values: Float32Array; size: number },
  { most = LAID_OUT }: { most?: number } = {},
): Float32Array {
  const rows = values.length / size;
  const axes = Math.min(AXES, size);
  const reduced = alongPrincipalAxes({ values, size }, { axes, seed: SEED });
  const of = (row: number) => reduced.subarray(row * axes, (row + 1) * axes);
  if (rows < FEW) return within(Float32Array.from({ length: rows * 2 }, (_, i) => of(i >> 1)[i % 2] ?? 0));
  const order = shuffled(rows);
  const laidOut = order.slice(0, most);
  const plane = new UMAP({
    ...{ nComponents: 2, nNeighbors: Math.min(NEIGHBOURS, laidOut.length - 1), minDist: 0.1 },
    random: randomOf(SEED),
  }).fit(laidOut.map((row) => [...of(row)]));
  const places = new Float32Array(rows * 2);
  for (const [at, row] of laidOut.entries()) places.set(plane[at], row * 2);
  for (const row of order.slice(most)) places.set(among(of(row), laidOut, of, plane), row * 2);
  return within(places);
}

function shuffled(rows: number): number[] {
  const random = randomOf(SEED);
  const order = [...Array(rows).keys()];
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Between the places of the three nearest rows, nearest to the nearest. */
function among(
  one: Float32Array,
  rows: readonly number[],
  of: (row: number) => Float32Array,
  plane: readonly (readonly number[])[],
): [number, number] {
  const nearest: { at: number; distance: number }[] = [];
  for (const [at, row] of rows.entries()) {
    const other = of(row);
    const limit = nearest.length < 3 ? Number.POSITIVE_INFINITY : nearest[2].distance;
    let distance = 0;
    for (let i = 0; i < one.length && distance < limit; i++) distance += (one[i] - other[i]) ** 2;
    if (distance >= limit) continue;
    nearest.push({ at, distance });
    nearest.sort((a, b) => a.distance - b.distance);
    nearest.length = Math.min(nearest.length, 3);
  }
  let [x, y, weights] = [0, 0, 0];
  for (const { at, distance } of nearest) {
    const weight = 1 / (Math.sqrt(distance) + 1e-6);
    x += weight * plane[at][0];
    y += weight * plane[at][1];
    weights += weight;
  }
  return [x / weights, y / weights];
}

/** Moved and scaled alike in both directions, so that the widest one goes from −1 to 1. */
function within(places: Float32Array): Float32Array {
  const ends = [0, 1].map((from) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = from; i < places.length; i += 2) {
      least = Math.min(least, places[i]);
      most = Math.max(most, places[i]);
    }
    return { middle: (least + most) / 2, half: (most - least) / 2 };
  });
  const half = Math.max(ends[0].half, ends[1].half) || 1;
  return places.map((value, i) => (value - ends[i % 2].middle) / half);
}
