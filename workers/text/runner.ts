import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/client";
import { RENEW_MS, receiptOf, renewCalls, storedReplies } from "../../server/endpoint/ledger";
import { likelyInput, mostCost, type Prices, type Size, sizeOf } from "../../server/endpoint/price";
import type { Receipt } from "../../server/endpoint/schema";
import { joined } from "../../server/signal";
import { ask, type Lines, linesOf, type Outcome } from "./ask";
import { Budget } from "./budget";
import { type Call, keyOf, type Settled } from "./call";
import type { TextError, TextModel } from "./model";
import type { Limits, Pace } from "./pace";

export interface Round<C extends Call> {
  db: Db;
  endpoint: { id: string } & Prices & Limits;
  model: TextModel;
  /** Shared by all who ask this endpoint from this process. */
  pace: Pace;
  /** Who pays: what it has spent before counts towards the cap. Null: no run does. */
  runId: string | null;
  calls: readonly C[];
  /** US dollars that all of the run may cost. Null: no cap. */
  cap: number | null;
  /** No request begins after this. */
  deadline?: Date;
  /** Ends at once: what is under way is given up, and may be charged. */
  signal: AbortSignal;
  /** Begins nothing new. */
  stop?: AbortSignal;
  /** Told of each call, also of those that were answered before. Slow work in it holds requests up. */
  onSettled(settled: Settled<C>): Promise<void>;
}

export interface RoundResult {
  /** Replies that are there now. */
  answered: number;
  /** Of those, the ones that were there before. */
  stored: number;
  failed: number;
  /** Calls that were not made. */
  left: number;
  /** Why some are left. */
  why: "cap" | "deadline" | "stopped" | null;
  /** What the run has spent, with earlier rounds; null where no run pays. */
  receipt: Receipt | null;
}

const ATTEMPTS = 6;
const BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** So many calls in a row without a reply, and nobody waits for the rest. */
const HOPELESS = 20;
/** Calls whose replies are looked up at once. */
const PAGE = 500;
const ELSEWHERE_MS = 2_000;

/**
 * Makes many calls: side by side as the endpoint bears, each until it is answered or cannot be. A call whose reply has
 * been stored is never made again, whatever is killed when; what was under way then is counted as unknown, because
 * its provider may charge for it.
 * @throws a sentence, where no call can succeed
 */
export async function runCalls<C extends Call>(round: Round<C>): Promise<RoundResult> {
  const { db, endpoint, runId, calls, cap, signal, stop, deadline } = round;
  if (cap !== null && (endpoint.inputPrice === null || endpoint.outputPrice === null))
    throw new Error("A cap needs the endpoint's prices: set them first, 0 where it costs nothing.");
  const before = runId ? await receiptOf(db, { runId }) : null;
  const runner = new Runner(round, new Budget(cap, before ? before.cost + before.unknownCost : 0));
  const timer =
    deadline && setTimeout(() => runner.giveUp("deadline"), Math.max(0, deadline.getTime() - Date.now()));
  const onStop = () => runner.giveUp("stopped");
  if (stop?.aborted) onStop();
  stop?.addEventListener("abort", onStop);
  const renewing = setInterval(() => runner.renew(), RENEW_MS);
  try {
    await runner.run();
  } finally {
    clearTimeout(timer);
    clearInterval(renewing);
    stop?.removeEventListener("abort", onStop);
  }
  signal.throwIfAborted();
  const { answered, stored, failed, why } = runner;
  const left = calls.length - answered - failed;
  return {
    ...{ answered, stored, failed, left },
    why: left > 0 ? why : null,
    receipt: runId ? await receiptOf(db, { runId }) : null,
  };
}

interface Pending<C> {
  call: C;
  key: string;
  size: Size;
  /** US dollars at most; null without prices. */
  bound: number | null;
}

class Runner<C extends Call> {
  answered = 0;
  stored = 0;
  failed = 0;
  why: RoundResult["why"] = null;
  readonly #round: Round<C>;
  readonly #budget: Budget;
  readonly #holder = randomUUID();
  readonly #lines: Lines;
  readonly #underWay = new Set<string>();
  readonly #given = new AbortController();
  /** Nothing new begins: somebody said so, or it is of no use. */
  readonly #end: AbortSignal;
  #defect: unknown = null;
  #inVain = 0;

  constructor(round: Round<C>, budget: Budget) {
    this.#round = round;
    this.#budget = budget;
    const whose = { endpointId: round.endpoint.id, holder: this.#holder, runId: round.runId };
    this.#lines = linesOf(round.db, whose, round.signal);
    this.#end = joined(round.signal, this.#given.signal);
  }

  /** Nothing new begins, and nobody waits any longer; what is under way comes to its end. */
  giveUp(why: RoundResult["why"]): void {
    this.why ??= why;
    this.#given.abort();
  }

  /** Says that calls under way are still being made. One that fails is made good by the next. */
  renew(): void {
    renewCalls(this.#round.db, this.#holder, [...this.#underWay]).catch(() => {});
  }

  /** Same beginnings one after the other, so that the provider's cache of prompts serves them. */
  async run(): Promise<void> {
    const { calls, model, endpoint } = this.#round;
    let waiting = calls
      .map((call) => ({ call, text: JSON.stringify(call.request.messages) }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({ call }): Pending<C> => {
        const size = sizeOf(call.request);
        return { call, key: keyOf(model.name, call), size, bound: mostCost(size, endpoint) };
      });
    while (waiting.length > 0 && !this.#end.aborted) {
      const elsewhere: Pending<C>[] = [];
      const queue = this.#unanswered(waiting);
      // While one is with the endpoint, one is made ready and one is written down.
      const length = Math.min(3 * endpoint.concurrency, waiting.length);
      const workers = Array.from({ length }, () => this.#work(queue, elsewhere));
      await Promise.all(workers);
      if (this.#defect !== null) throw this.#defect;
      // Whoever makes them now has an answer soon, or falls silent.
      if (elsewhere.length > 0) await sleep(ELSEWHERE_MS, undefined, { signal: this.#end }).catch(() => {});
      waiting = elsewhere;
    }
  }

  /** Tells of the replies that are there, and gives out the rest. */
  async *#unanswered(all: readonly Pending<C>[]): AsyncGenerator<Pending<C>, undefined> {
    const { db, endpoint, onSettled } = this.#round;
    for (let start = 0; start < all.length && !this.#end.aborted; start += PAGE) {
      const page = all.slice(start, start + PAGE);
      const keys = page.map(({ key }) => key);
      const replies = await storedReplies(db, { endpointId: endpoint.id, keys });
      for (const pending of page) {
        const reply = replies.get(pending.key);
        if (!reply) yield pending;
        else {
          await onSettled({ call: pending.call, reply, stored: true });
          this.answered++;
          this.stored++;
        }
      }
    }
  }

  /** Never rejects, so that no request is left behind: a defect ends all workers, and is thrown after them. */
  async #work(queue: AsyncGenerator<Pending<C>, undefined>, elsewhere: Pending<C>[]): Promise<void> {
    try {
      while (!this.#end.aborted) {
        const { value: pending } = await queue.next();
        if (!pending || this.#end.aborted) return;
        await this.#make(pending, elsewhere);
      }
    } catch (error) {
      const isOver = this.#end.aborted && error instanceof Error && error.name === "AbortError";
      if (isOver || this.#round.signal.aborted) return;
      this.#defect ??= error;
      this.giveUp(null);
    }
  }

  /** Asks until there is a reply, or none is to be had. */
  async #make(pending: Pending<C>, elsewhere: Pending<C>[]): Promise<void> {
    const { call } = pending;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#request(pending);
      if (outcome === null) return this.giveUp("cap");
      if (outcome.kind === "elsewhere") {
        elsewhere.push(pending);
        return;
      }
      if (outcome.kind === "reply") {
        this.#inVain = 0;
        await this.#round.onSettled({ call, reply: outcome.reply, stored: false });
        this.answered++;
        return;
      }
      const { error } = outcome;
      if (error.again === "never" || attempt === ATTEMPTS) return this.#fail(call, error);
      const rest = Math.random() * Math.min(LONGEST_BACKOFF_MS, BACKOFF_MS * 2 ** attempt);
      await sleep(error.details.retryAfterMs ?? rest, undefined, { signal: this.#end });
    }
  }

  /** @returns null when the money does not suffice for it */
  async #request({ call, key, size, bound }: Pending<C>): Promise<Outcome | null> {
    const { db, endpoint, model, pace, signal } = this.#round;
    if (!(await this.#budget.reserve(bound ?? 0))) return null;
    let spent = 0;
    try {
      const entry = await pace.enter(likelyInput(size) + size.maxTokens, this.#end);
      try {
        const outcome = await ask({
          ...{ db, endpoint, model, key, bound, signal },
          lines: this.#lines,
          request: call.request,
          underWay: this.#underWay,
          start: () => pace.start(entry, this.#end),
          leave: (how) => pace.leave(entry, how),
        });
        spent = outcome.spent;
        return outcome;
      } finally {
        // Where it never went out.
        pace.leave(entry, { went: "ill" });
      }
    } finally {
      this.#budget.settle(bound ?? 0, spent);
    }
  }

  async #fail(call: C, { message, details }: TextError): Promise<void> {
    await this.#round.onSettled({ call, failure: message });
    this.failed++;
    this.#inVain++;
    const { forAll } = details;
    if (forAll || this.#inVain >= HOPELESS) {
      this.#defect ??= new Error(forAll ? message : `${HOPELESS} calls in a row had no reply. ${message}`);
      this.giveUp(null);
    }
  }
}
