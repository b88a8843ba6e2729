import type { Clock } from "./clock";

/** A minute, and as much as requests may reach their provider earlier or later than they went out. */
const MINUTE_MS = 61_000;
/** What is allowed in so much time may be taken at once, so that a minute's allowance is never spent in one burst. */
const BURST_MS = 5_000;

export interface Taken {
  readonly at: number;
  amount: number;
}

/**
 * What a provider allows in a minute: never more in any sixty seconds, however it counts them, and evenly spread. One
 * take that is larger than all of it waits until nothing else was taken, and is let through.
 */
export class Allowance {
  readonly #limit: number;
  readonly #clock: Pick<Clock, "now">;
  /** Of the last minute, oldest first. */
  readonly #taken = new Set<Taken>();
  #sum = 0;
  /** What may be taken at once; it may be overdrawn by one take. */
  #level: number;
  #at: number;

  constructor(limit: number, clock: Pick<Clock, "now">) {
    this.#limit = limit;
    this.#clock = clock;
    this.#level = this.#burst;
    this.#at = clock.now();
  }

  get #burst(): number {
    return Math.max(1, (this.#limit / MINUTE_MS) * BURST_MS);
  }

  /** Milliseconds until `amount` may be taken. */
  wait(amount: number): number {
    const now = this.#clock.now();
    this.#level = Math.min(this.#burst, this.#level + ((now - this.#at) * this.#limit) / MINUTE_MS);
    this.#at = now;
    const even = ((Math.min(amount, this.#burst) - this.#level) * MINUTE_MS) / this.#limit;
    return Math.max(0, even, this.#untilRoom(Math.min(amount, this.#limit), now));
  }

  #untilRoom(amount: number, now: number): number {
    let sum = this.#sum;
    for (const taken of this.#taken) {
      const left = taken.at + MINUTE_MS - now;
      if (left <= 0) {
        this.#taken.delete(taken);
        this.#sum -= taken.amount;
      } else if (sum + amount <= this.#limit) return 0;
      sum -= taken.amount;
      if (left > 0 && sum + amount <= this.#limit) return left;
    }
    return 0;
  }

  take(amount: number): Taken {
    const taken = { at: this.#clock.now(), amount };
    this.#taken.add(taken);
    this.#sum += amount;
    this.#level -= amount;
    return taken;
  }

  /** It took something else than it was likely to. */
  correct(taken: Taken, amount: number): void {
    const more = amount - taken.amount;
    taken.amount = amount;
    if (this.#taken.has(taken)) this.#sum += more;
    this.#level -= more;
  }
}
