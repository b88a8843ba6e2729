/** US dollars that may be spent, with what is kept free for requests whose cost is not known yet. */
export class Budget {
  readonly #cap: number | null;
  #spent: number;
  #reserved = 0;
  #underWay = 0;
  #settled = new Set<() => void>();

  /** @param cap null: no end of money */
  constructor(cap: number | null, spent: number) {
    this.#cap = cap;
    this.#spent = spent;
  }

  /**
   * Keeps free what a request costs at most, and waits for others where their cost may turn out lower.
   * @returns false when there is not enough, whatever the others cost
   */
  async reserve(bound: number): Promise<boolean> {
    while (this.#cap !== null && this.#spent + this.#reserved + bound > this.#cap) {
      if (this.#underWay === 0) return false;
      await new Promise<void>((resolve) => this.#settled.add(resolve));
    }
    this.#reserved += bound;
    this.#underWay++;
    return true;
  }

  /** A reserved request is over. @param spent what it cost, or may have cost */
  settle(bound: number, spent: number): void {
    this.#underWay--;
    // Sums of fractions leave crumbs behind.
    this.#reserved = this.#underWay === 0 ? 0 : this.#reserved - bound;
    this.#spent += spent;
    for (const told of this.#settled) told();
    this.#settled.clear();
  }
}
