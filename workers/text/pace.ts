import { setTimeout as sleep } from "node:timers/promises";

export interface Limits {
  /** Null: none. */
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  /** Requests at once, at most. */
  concurrency: number;
}

/** How many requests begin at once before anything is known of the endpoint. */
const FIRST = 8;
const MINUTE = 60_000;
/** A bucket holds what comes in so much time, so that a minute's allowance is never spent in one burst. */
const BURST_MS = 5_000;

/** What may be taken at once, and what comes back with time. It may be overdrawn by one take: a large request waits. */
class Bucket {
  #level: number;
  #at = performance.now();
  readonly #capacity: number;
  readonly #perMs: number;

  constructor(perMinute: number) {
    this.#perMs = perMinute / MINUTE;
    this.#capacity = Math.max(1, this.#perMs * BURST_MS);
    this.#level = this.#capacity;
  }

  /** Milliseconds until `amount` may be taken. */
  wait(amount: number): number {
    const now = performance.now();
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
    return Math.max(0, (Math.min(amount, this.#capacity) - this.#level) / this.#perMs);
  }

  /** Negative: gives back what was not needed. */
  take(amount: number): void {
    this.#level -= amount;
  }
}

/** A request that was let in. */
export interface Entry {
  tokens: number;
  startedAt: number;
}

/** How a request went: `used` the tokens it took, null where nobody told; `restMs` how long to leave the endpoint alone. */
export type Leaving =
  | { went: "well"; used: number | null }
  | { went: "ill" }
  | { went: "overloaded"; restMs: number };

/**
 * When the next request to an endpoint may go out: by its provider's limits a minute, and by how many it bears at
 * once, which is learnt: one more for each round that went well, half when it says that it has too much (AIMD).
 */
export class Pace {
  readonly #most: number;
  readonly #requests: Bucket | null;
  readonly #tokens: Bucket | null;
  #atOnce: number;
  #active = 0;
  #notBefore = 0;
  #cutAt = 0;
  #queue: Promise<void> = Promise.resolve();
  #leaving = new Set<() => void>();

  constructor({ requestsPerMinute, tokensPerMinute, concurrency }: Limits) {
    this.#most = concurrency;
    this.#atOnce = Math.min(FIRST, concurrency);
    this.#requests = requestsPerMinute === null ? null : new Bucket(requestsPerMinute);
    this.#tokens = tokensPerMinute === null ? null : new Bucket(tokensPerMinute);
  }

  /** Requests that may be under way at once, by now. */
  get atOnce(): number {
    return Math.floor(this.#atOnce);
  }

  /** Waits for its turn, first come first served. @param tokens it is likely to take, prompt and reply */
  async enter(tokens: number, signal: AbortSignal): Promise<Entry> {
    const turn = this.#queue.then(() => this.#wait(tokens, signal));
    this.#queue = turn.catch(() => {});
    await turn;
    return { tokens, startedAt: performance.now() };
  }

  async #wait(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#active >= this.atOnce) {
        await this.#someoneLeaves(signal);
        continue;
      }
      const pause = Math.max(
        this.#notBefore - performance.now(),
        this.#requests?.wait(1) ?? 0,
        this.#tokens?.wait(tokens) ?? 0,
      );
      if (pause <= 0) break;
      await sleep(Math.ceil(pause), undefined, { signal });
    }
    this.#active++;
    this.#requests?.take(1);
    this.#tokens?.take(tokens);
  }

  leave(entry: Entry, how: Leaving): void {
    this.#active--;
    const used = how.went === "well" ? how.used : 0;
    if (used !== null) this.#tokens?.take(used - entry.tokens);
    if (how.went === "well") this.#atOnce = Math.min(this.#most, this.#atOnce + 1 / this.#atOnce);
    if (how.went === "overloaded") {
      this.#notBefore = Math.max(this.#notBefore, performance.now() + how.restMs);
      // Those that went out with the one that was refused say nothing new.
      if (entry.startedAt >= this.#cutAt) {
        this.#cutAt = performance.now();
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
