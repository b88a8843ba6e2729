import { EngineError } from "../errors";
import { type Automaton, NOWHERE } from "./automaton";

/** What a model is held to while it writes: which tokens may come next, and where each leads. */
export interface Held {
  readonly start: number;
  /** 1 for each token that may come, in the order of ids. @throws EngineError where none may */
  allowed(state: number): Uint8Array;
  after(state: number, token: number): number;
  /** Whether the text is whole and nothing may follow. */
  isOver(state: number): boolean;
}

/** Tokens as their bytes, in an order in which those with a common beginning are neighbours. */
export class TokenBytes {
  /** What each id writes; null where it writes nothing. */
  readonly of: readonly (Uint8Array | null)[];
  readonly sorted: Int32Array;
  /** How many bytes each begins with as the one before does. */
  readonly shared: Int32Array;

  constructor(of: readonly (Uint8Array | null)[]) {
    this.of = of;
    const found = of.flatMap((bytes, id) => (bytes === null || bytes.length === 0 ? [] : [{ id, bytes }]));
    found.sort((one, other) => Buffer.compare(one.bytes, other.bytes));
    this.sorted = Int32Array.from(found, ({ id }) => id);
    this.shared = Int32Array.from(found, ({ bytes }, index) => {
      const before = found[index - 1]?.bytes ?? [];
      let length = 0;
      while (length < bytes.length && bytes[length] === before[length]) length++;
      return length;
    });
  }
}

/** As many masks are kept: each has a byte for every token. */
const MOST_MASKS = 256;

/** A model held to an automaton over the bytes that it writes. Where the text is whole it may stop, and only there. */
export class HeldTo implements Held {
  readonly start: number;
  readonly #automaton: Automaton;
  readonly #tokens: TokenBytes;
  readonly #stopIds: readonly number[];
  readonly #masks = new Map<number, Uint8Array>();

  constructor(automaton: Automaton, tokens: TokenBytes, stopIds: readonly number[]) {
    [this.#automaton, this.#tokens, this.#stopIds] = [automaton, tokens, stopIds];
    this.start = automaton.start;
  }

  allowed(state: number): Uint8Array {
    const known = this.#masks.get(state);
    if (known) return known;
    const mask = this.#mask(state);
    if (this.#masks.size >= MOST_MASKS) this.#masks.clear();
    this.#masks.set(state, mask);
    return mask;
  }

  after(state: number, token: number): number {
    let at = state;
    for (const byte of this.#tokens.of[token] ?? []) at = this.#automaton.after(at, byte);
    return at;
  }

  isOver(state: number): boolean {
    return this.#automaton.isOver(state);
  }

  #mask(state: number): Uint8Array {
    const { of, sorted, shared } = this.#tokens;
    const mask = new Uint8Array(of.length);
    let isAny = false;
    /** States after each byte of the token before, as far as it may come. */
    const walked = [state];
    for (const [index, id] of sorted.entries()) {
      // As the one before was stopped there, so is this.
      if (walked.length - 1 < shared[index]) continue;
      walked.length = shared[index] + 1;
      const bytes = of[id] ?? [];
      while (walked.length <= bytes.length) {
        const next = this.#automaton.after(walked[walked.length - 1], bytes[walked.length - 1]);
        if (next === NOWHERE) break;
        walked.push(next);
      }
      if (walked.length <= bytes.length) continue;
      mask[id] = 1;
      isAny = true;
    }
    if (this.#automaton.isWhole(state)) {
      for (const id of this.#stopIds) mask[id] = 1;
      isAny = true;
    }
    if (!isAny)
      throw new EngineError("This model has no token for what the JSON schema asks to be written next.");
    return mask;
  }
}
