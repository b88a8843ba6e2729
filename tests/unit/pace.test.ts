import { describe, expect, test } from "vitest";
import { randomFor } from "@/server/demo/random";
import type { Clock } from "@/workers/text/clock";
import { type Limits, Pace } from "@/workers/text/pace";

const MINUTE = 60_000;
const never = new AbortController().signal;

/** Time that passes when nobody has anything left to do. */
class FakeClock implements Clock {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];

  now = () => this.#now;

  sleep = (milliseconds: number) =>
    new Promise<void>((wake) => this.#sleepers.push({ at: this.#now + milliseconds, wake }));

  /** Lets time pass until `end`. */
  async pass(end: number): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers[0];
      if (!next || next.at > end) return;
      this.#now = next.at;
      while (this.#sleepers[0]?.at === next.at) this.#sleepers.shift()?.wake();
    }
  }
}

interface Request {
  /** When it reached the provider, and when it was answered. */
  at: number;
  end: number;
  tokens: number;
}

/**
 * Asks all the time, as the runner does, for some simulated minutes. A request reaches its provider up to a second
 * late. `overloaded` tells whether the provider, with so many under way, refuses one more.
 */
async function simulate(
  limits: Limits,
  minutes: number,
  given: {
    serviceMs: number;
    tokens?: { likely: number; used: () => number };
    overloaded?: (underWay: number) => boolean;
  },
) {
  const { serviceMs, tokens = { likely: 0, used: () => 0 }, overloaded = () => false } = given;
  const random = randomFor("pace", JSON.stringify(limits));
  const clock = new FakeClock();
  const pace = new Pace(limits, clock);
  const made: Request[] = [];
  const refused: number[] = [];
  let underWay = 0;
  let most = 0;
  const work = async () => {
    for (;;) {
      const entry = await pace.enter(tokens.likely, never);
      await pace.start(entry, never);
      const at = clock.now() + 900 * random.uniform();
      if (overloaded(underWay)) {
        refused.push(at);
        await clock.sleep(50);
        pace.leave(entry, { went: "overloaded", restMs: 0 });
        continue;
      }
      most = Math.max(most, ++underWay);
      await clock.sleep(serviceMs * (0.5 + random.uniform()));
      underWay--;
      const used = tokens.used();
      made.push({ at, end: clock.now(), tokens: used });
      pace.leave(entry, { went: "well", used });
    }
  };
  for (let worker = 0; worker < 2 * limits.concurrency; worker++) void work();
  await clock.pass(minutes * MINUTE);
  return { made, refused, most, pace };
}

/** The most of anything that fell into a minute, wherever it begins. */
function mostInAMinute(made: readonly Request[], amount: (request: Request) => number): number {
  const inOrder = [...made].sort((a, b) => a.at - b.at);
  let first = 0;
  let sum = 0;
  let most = 0;
  for (const request of inOrder) {
    sum += amount(request);
    while (inOrder[first].at <= request.at - MINUTE) sum -= amount(inOrder[first++]);
    most = Math.max(most, sum);
  }
  return most;
}

const limits = (more: Partial<Limits>): Limits => ({
  ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 8 },
  ...more,
});

describe("a limit a minute", () => {
  test.each([5, 60, 100, 3000])("of %i requests is never passed, and is used", async (requestsPerMinute) => {
    const minutes = 20;
    const { made } = await simulate(limits({ requestsPerMinute, concurrency: 32 }), minutes, {
      serviceMs: 500,
    });
    expect(mostInAMinute(made, () => 1)).toBeLessThanOrEqual(requestsPerMinute);
    expect(made.length).toBeGreaterThanOrEqual(0.95 * requestsPerMinute * minutes);
  });

  test.each([
    [10_000, 90],
    [200_000, 1_500],
  ])("of %i tokens is never passed, and is used", async (tokensPerMinute, likely) => {
    const minutes = 20;
    const random = randomFor("tokens", tokensPerMinute);
    const { made } = await simulate(limits({ tokensPerMinute }), minutes, {
      serviceMs: 800,
      // A reply is seldom as long as it may be.
      tokens: { likely, used: () => Math.ceil(likely * (0.3 + 0.7 * random.uniform())) },
    });
    expect(mostInAMinute(made, ({ tokens }) => tokens)).toBeLessThanOrEqual(tokensPerMinute);
    const used = made.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(used).toBeGreaterThanOrEqual(0.95 * tokensPerMinute * minutes);
  });

  test("is kept by large requests too, which then leave a rest of it", async () => {
    const { made } = await simulate(limits({ tokensPerMinute: 10_000 }), 20, {
      serviceMs: 1000,
      tokens: { likely: 3_000, used: () => 3_000 },
    });
    expect(mostInAMinute(made, ({ tokens }) => tokens)).toBe(9_000);
  });

  test("lets one through that is larger than all of it, alone in its minutes", async () => {
    const { made } = await simulate(limits({ tokensPerMinute: 1_000 }), 10, {
      serviceMs: 1000,
      tokens: { likely: 5_000, used: () => 5_000 },
    });
    // As many minutes pass as have its tokens.
    expect(made).toHaveLength(2);
    expect(made[1].at - made[0].at).toBeGreaterThan(5 * MINUTE - 1000);
  });

  test("does not come in one burst", async () => {
    const { made } = await simulate(limits({ requestsPerMinute: 600, concurrency: 64 }), 1, {
      serviceMs: 200,
    });
    expect(made.filter(({ at }) => at < 1000 + 900).length).toBeLessThanOrEqual(50 + 20);
  });
});

describe("how many at once", () => {
  test("is never more than the endpoint's own number, and soon that", async () => {
    const { most, made } = await simulate(limits({ concurrency: 64 }), 1, { serviceMs: 1000 });
    expect(most).toBe(64);
    // From the first eight it doubles each round.
    expect(made.filter(({ end }) => end < 10_000).length).toBeGreaterThan(64 * 5);
  });

  test("stays near what a provider bears, with few refusals", async () => {
    const bears = 20;
    const { made, refused } = await simulate(limits({ concurrency: 256 }), 10, {
      serviceMs: 1000,
      overloaded: (underWay) => underWay >= bears,
    });
    const served = made.filter(({ at }) => at > MINUTE).length;
    // Half after a refusal and one more a round: three quarters on average (AIMD).
    expect(served).toBeGreaterThan(0.7 * bears * 9 * 60);
    expect(refused.length).toBeLessThan(0.05 * made.length);
  });

  test("is counted for those that went out alone, and one that did not frees its place", async () => {
    const clock = new FakeClock();
    const pace = new Pace(limits({ concurrency: 4 }), clock);
    // As many again are made ready meanwhile.
    const entries = await Promise.all(Array.from({ length: 8 }, () => pace.enter(1, never)));
    for (const entry of entries.slice(0, 4)) await pace.start(entry, never);
    const given = new AbortController();
    const waiting = pace.start(entries[4], given.signal);
    given.abort();
    await expect(waiting).rejects.toThrow();
    pace.leave(entries[4], { went: "ill" });
    pace.leave(entries[0], { went: "well", used: null });
    pace.leave(entries[0], { went: "well", used: null });
    const [next] = await Promise.all([pace.enter(1, never), pace.enter(1, never)]);
    await pace.start(next, never);
    const full = new AbortController();
    const more = [pace.enter(1, full.signal), pace.start(entries[5], full.signal)];
    await clock.pass(10 * MINUTE);
    full.abort();
    for (const one of more) await expect(one).rejects.toThrow();
  });

  test("waits as long as the provider wants to be left alone", async () => {
    const clock = new FakeClock();
    const pace = new Pace(limits({}), clock);
    const refused = await pace.enter(1, never);
    await pace.start(refused, never);
    pace.leave(refused, { went: "overloaded", restMs: 7_000 });
    const next = await pace.enter(1, never);
    const started = pace.start(next, never);
    await clock.pass(20_000);
    await started;
    expect(next.startedAt).toBe(7_000);
  });
});
