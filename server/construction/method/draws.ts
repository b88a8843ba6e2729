import { randomOf } from "../../statistics/math/random";

/** All that a run draws, from one seed and in one order. */
export class Draws {
  readonly #random: () => number;
  readonly #seed: number;
  #asks = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = randomOf(seed);
  }

  /** A whole number from 0 and below `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** True with this chance. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** So many of the items, at most all, none twice, in the order in which they were drawn. */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0) taken.push(...left.splice(this.below(left.length), 1));
    return taken;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return this.sample(items, items.length);
  }

  /** A place, drawn in proportion to the weights, which are not all 0. */
  weighted(weights: readonly number[]): number {
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0);
    const place = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    // Sums round: the last that has a weight.
    return place >= 0 ? place : weights.findLastIndex((weight) => weight > 0);
  }

  /** How long until something comes that is as frequent as its weight: the lowest of several is drawn by their weights. */
  waiting(weight: number): number {
    return -Math.log(1 - this.#random()) / weight;
  }

  /** The seed of the next ask: a number of its own for each. */
  seed(): number {
    return (this.#seed + this.#asks++) % 2 ** 31;
  }
}
