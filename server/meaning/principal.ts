import { randomOf } from "../statistics/math/random";

/** Rows from which the axes are found: many more than there are axes. */
const SAMPLE = 4000;
const STEPS = 20;

/**
 * Rows along their principal axes: the few directions in which they differ most.
 * Source: orthogonal iteration, G. Golub, C. Van Loan, Matrix Computations, 4th ed., 8.2.4, from a start drawn by the seed.
 * @param values rows of `size` numbers, around zero
 * @returns rows of `axes` numbers
 */
export function alongPrincipalAxes(
  { values, size }: { readonly values: Float32Array; readonly size: number },
  { axes, seed }: { readonly axes: number; readonly seed: number },
): Float32Array {
  const rows = values.length / size;
  const spread = spreadOf(values, size, rows);
  const random = randomOf(seed);
  let directions = orthonormal(
    Array.from({ length: axes }, () => Float64Array.from({ length: size }, () => random() - 0.5)),
  );
  for (let step = 0; step < STEPS; step++)
    directions = orthonormal(directions.map((direction) => times(spread, direction)));
  const found = new Float32Array(rows * axes);
  for (let row = 0; row < rows; row++)
    for (const [axis, direction] of directions.entries()) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += values[row * size + i] * direction[i];
      found[row * axes + axis] = sum;
    }
  return found;
}

/** The sum of the outer products of rows at even distances, a symmetric matrix. */
function spreadOf(values: Float32Array, size: number, rows: number): Float64Array[] {
  const spread = Array.from({ length: size }, () => new Float64Array(size));
  const taken = Math.min(rows, SAMPLE);
  for (let place = 0; place < taken; place++) {
    const from = Math.floor((place * rows) / taken) * size;
    for (let i = 0; i < size; i++) {
      const line = spread[i];
      const one = values[from + i];
      for (let j = 0; j <= i; j++) line[j] += one * values[from + j];
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) spread[j][i] = spread[i][j];
  return spread;
}

const times = (matrix: readonly Float64Array[], vector: Float64Array) =>
  Float64Array.from(matrix, (line) => dot(line, vector));

/** Gram and Schmidt, as modified. What lies in the others' span becomes zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const own = vector.slice();
    const before = Math.sqrt(dot(own, own));
    for (const other of done) {
      const along = dot(own, other);
      for (let i = 0; i < own.length; i++) own[i] -= along * other[i];
    }
    const length = Math.sqrt(dot(own, own));
    const scale = length > 1e-10 * before ? 1 / length : 0;
    for (let i = 0; i < own.length; i++) own[i] *= scale;
    done.push(own);
  }
  return done;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return sum;
}
