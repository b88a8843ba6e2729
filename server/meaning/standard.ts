/**
 * Means and spreads of the dimensions of embeddings, taken in pass after pass over any number of them.
 * Mean-pooled states of language models all point the same way, along a few dimensions that say nothing of the text:
 * cosines tell texts apart only when each dimension is standardised over them.
 * Source: W. Timkey, M. van Schijndel, All Bark and No Bite, EMNLP 2021.
 */
export class Standard {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  /** The first text's, so that sums of squares stay small beside what they measure. */
  #origin: Float32Array | null = null;
  #count = 0;

  /** @param size dimensions of an embedding */
  constructor(size: number) {
    this.#sum = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  get size(): number {
    return this.#sum.length;
  }

  add(vector: Float32Array): void {
    this.#origin ??= vector.slice();
    this.#count++;
    for (let i = 0; i < vector.length; i++) {
      const off = vector[i] - this.#origin[i];
      this.#sum[i] += off;
      this.#squares[i] += off * off;
    }
  }

  /** The text's direction from the mean, in spreads, of length 1; zero of one that is the mean itself. */
  of(vector: Float32Array): Float32Array {
    const found = new Float32Array(vector.length);
    let squares = 0;
    for (let i = 0; i < vector.length; i++) {
      const mean = this.#sum[i] / this.#count;
      const variance = this.#squares[i] / this.#count - mean * mean;
      // What is alike in all says nothing.
      if (!(variance > 0)) continue;
      found[i] = (vector[i] - (this.#origin?.[i] ?? 0) - mean) / Math.sqrt(variance);
      squares += found[i] * found[i];
    }
    if (squares > 0) for (let i = 0; i < found.length; i++) found[i] /= Math.sqrt(squares);
    return found;
  }
}
