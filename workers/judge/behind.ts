/** What may be under way while requests go on. */
const AT_ONCE = 32;

/** Work that goes on behind whoever gives it, so much at once; what failed of it is thrown at the next chance. */
export class Behind {
  readonly #underWay = new Set<Promise<void>>();
  #failure: { cause: unknown } | null = null;

  /** Waits only while there is too much. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
    this.#throwFailure();
    const going = work()
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#underWay.delete(going));
    this.#underWay.add(going);
  }

  async done(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.cause;
  }
}
