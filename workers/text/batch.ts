/**
 * Does what many ask for together: what comes while one lot is on its way makes the next, so that a slow database
 * gets fewer and larger statements, never a queue of small ones.
 */
export class Batch<Item, Result> {
  readonly #make: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void }[] = [];
  #isMaking = false;

  /** @param make gives one result for each item, in their order */
  constructor(make: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#make = make;
  }

  /** @throws what making its lot threw */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isMaking) void this.#makeAll();
    });
  }

  async #makeAll(): Promise<void> {
    this.#isMaking = true;
    // Those that come in the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lot = this.#waiting.splice(0);
      try {
        const results = await this.#make(lot.map(({ item }) => item));
        for (const [index, { resolve }] of lot.entries()) resolve(results[index]);
      } catch (error) {
        for (const { reject } of lot) reject(error);
      }
    }
    this.#isMaking = false;
  }
}
