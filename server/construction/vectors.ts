import { InputError } from "../statistics/estimate";

/** Embeddings, one row after the other, each of length 1: their scalar product is their cosine. */
export interface Vectors {
  readonly rows: number;
  readonly size: number;
  readonly values: Float32Array;
}

/**
 * @param place what a row is called in an error
 * @throws InputError where the rows are of different lengths, or one has no direction
 */
export function unitVectors(
  embeddings: readonly (readonly number[])[],
  place = (row: number) => `embedding ${row + 1}`,
): Vectors {
  const size = embeddings[0]?.length ?? 0;
  const values = new Float32Array(embeddings.length * size);
  for (const [row, embedding] of embeddings.entries()) {
    if (embedding.length !== size)
      throw new InputError(
        `${place(row)} has ${embedding.length} numbers, the first has ${size}; embed all rows with one model.`,
      );
    const length = Math.hypot(...embedding);
    if (!(length > 0 && Number.isFinite(length)))
      throw new InputError(`${place(row)} is zero or not finite, and has no direction; embed that row anew.`);
    for (let i = 0; i < size; i++) values[row * size + i] = embedding[i] / length;
  }
  return { rows: embeddings.length, size, values };
}

/** The cosine of two rows. */
export function cosine({ values, size }: Vectors, one: number, other: number): number {
  let a = one * size;
  let b = other * size;
  const end = a + size;
  const even = end - (size % 4);
  // Four sums at a time: one alone waits for itself.
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  for (; a < even; a += 4, b += 4) {
    s += values[a] * values[b];
    t += values[a + 1] * values[b + 1];
    u += values[a + 2] * values[b + 2];
    v += values[a + 3] * values[b + 3];
  }
  for (; a < end; a++, b++) s += values[a] * values[b];
  return s + t + (u + v);
}
