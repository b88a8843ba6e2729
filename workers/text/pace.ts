import { Allowance, type Taken } from "./allowance";
import { type Clock, wall } from "./clock";

export interface Limits {
  /** Null: none. */
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  /** Requests at once, at most. */
  concurrency: number;
}

/** How many requests begin at once before anything is known of the endpoint. */
const FIRST = 8;
/** Requests that are made ready meanwhile, for each that is on its way: an endpoint may be as fast as the database. */
const AHEAD = 1;

/** A request that was let in. */
export interface Entry {
  /** What it is likely to take, then what it took. */
  readonly tokens: Taken | null;
  /** Null until it goes out. */
  startedAt: number | null;
}

/** How a request went: `used` the tokens it took, null where nobody told; `restMs` how long to leave the endpoint alone. */
export type Leaving =
  | { went: "well"; used: number | null }
  | { went: "ill" }
  | { went: "overloaded"; restMs: number };

/**
 * When the next request to an endpoint may go out: by its provider's limits a minute, and by how many it bears at
 * once, which is learnt: twice as many after each round that went well until it says that it has too much, then half
 * of them, and from there one more a round (slow start and AIMD, RFC 5681).
 */
export class Pace {
  readonly #most: number;
  readonly #requests: Allowance | null;
  readonly #tokens: Allowance | null;
  readonly #clock: Clock;
  #atOnce: number;
  #isFresh = true;
  readonly #inside = new Set<Entry>();
  #active = 0;
  #notBefore = 0;
  #cutAt = 0;
  readonly #door = new Line();
  readonly #gate = new Line();
  #leaving = new Set<() => void>();

  constructor({ requestsPerMinute, tokensPerMinute, concurrency }: Limits, clock = wall) {
    this.#clock = clock;
    this.#most = concurrency;
    this.#atOnce = Math.min(FIRST, concurrency);
    this.#requests = requestsPerMinute === null ? null : new Allowance(requestsPerMinute, clock);
    this.#tokens = tokensPerMinute === null ? null : new Allowance(tokensPerMinute, clock);
  }

  /** Requests that may be under way at once, by now. */
  get atOnce(): number {
    return Math.floor(this.#atOnce);
  }

  /**
   * Waits until a request may be made ready: its minute allows it, and a place at the endpoint is free or the next to
   * be. First come, first served. @param tokens it is likely to take, prompt and reply
   */
  enter(tokens: number, signal: AbortSignal): Promise<Entry> {
    return this.#door.join(async () => {
      await this.#until(signal, () =>
        this.#inside.size < this.atOnce * (1 + AHEAD)
          ? Math.max(0, this.#requests?.wait(1) ?? 0, this.#tokens?.wait(tokens) ?? 0)
          : null,
      );
      this.#requests?.take(1);
      const entry: Entry = { tokens: this.#tokens?.take(tokens) ?? null, startedAt: null };
      this.#inside.add(entry);
      return entry;
    });
  }

  /** Waits for a place at the endpoint; then the request goes out. */
  start(entry: Entry, signal: AbortSignal): Promise<void> {
    return this.#gate.join(async () => {
      await this.#until(signal, () =>
        this.#active < this.atOnce ? Math.max(0, this.#notBefore - this.#clock.now()) : null,
      );
      this.#active++;
      entry.startedAt = this.#clock.now();
    });
  }

  /** @param pause tells how many milliseconds to wait; null: until somebody leaves */
  async #until(signal: AbortSignal, pause: () => number | null): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const left = pause();
      if (left === 0) return;
      if (left === null) await this.#someoneLeaves(signal);
      else await this.#clock.sleep(Math.ceil(left), signal);
    }
  }

  /** A request is over, or was not made. What is said first counts. */
  leave(entry: Entry, how: Leaving): void {
    if (!this.#inside.delete(entry)) return;
    const { tokens, startedAt } = entry;
    if (startedAt !== null) this.#active--;
    const used = how.went === "well" ? how.used : 0;
    if (tokens && used !== null) this.#tokens?.correct(tokens, used);
    if (how.went === "well")
      this.#atOnce = Math.min(this.#most, this.#atOnce + (this.#isFresh ? 1 : 1 / this.#atOnce));
    if (how.went === "overloaded") {
      this.#isFresh = false;
      this.#notBefore = Math.max(this.#notBefore, this.#clock.now() + how.restMs);
      // Those that went out with the one that was refused say nothing new.
      if (startedAt !== null && startedAt >= this.#cutAt) {
        this.#cutAt = this.#clock.now();
        this.#atOnce = Math.max(1, this.#atOnce / 2);
      }
    }
    for (const told of this.#leaving) told();
    this.#leaving.clear();
  }

  #someoneLeaves(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#leaving.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

/** Who waits, one after the other. */
class Line {
  #last: Promise<unknown> = Promise.resolve();

  join<T>(turn: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(turn);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
