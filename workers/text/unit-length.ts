/** A vector of the same direction and length 1, as cosine similarities need; one without direction stays as it is. */
export function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}
