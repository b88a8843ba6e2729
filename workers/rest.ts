/** How somebody who looks for work rests until there may be some. What is heard while nobody rests is not lost: the next rest is none. */
export class Rest {
  #heard = false;
  #wake = () => {};

  /** There may be work. */
  readonly wake = (): void => {
    this.#heard = true;
    this.#wake();
  };

  /** What was heard until now is being looked after. */
  forget(): void {
    this.#heard = false;
  }

  /** Until it is woken, or for so long. */
  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#heard) return resolve();
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
