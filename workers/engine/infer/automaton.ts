/** Which bytes may follow which: a nondeterministic automaton, built from its beginning on and walked deterministically. */

/** No text goes on from here. */
export const NOWHERE = -1;

const UNKNOWN = -2;
/** As many states as a schema may unfold to: some tens of megabytes. */
const MOST_STATES = 50_000;

interface Edge {
  readonly low: number;
  readonly high: number;
  readonly to: number;
}

/** More states than there may be. */
export class TooLarge extends Error {}

/** The automaton while it is built. Each method leads on from a state and gives the state where it ends. */
export class Grammar {
  readonly silent: number[][] = [];
  readonly edges: Edge[][] = [];
  readonly start = this.state();

  /** @throws TooLarge */
  state(): number {
    if (this.edges.length >= MOST_STATES) throw new TooLarge();
    this.silent.push([]);
    return this.edges.push([]) - 1;
  }

  /** One byte of a range, inclusive. */
  range(from: number, low: number, high: number, to = this.state()): number {
    this.edges[from].push({ low, high, to });
    return to;
  }

  /** Nothing at all. */
  skip(from: number, to = this.state()): number {
    this.silent[from].push(to);
    return to;
  }

  text(from: number, text: string, to = this.state()): number {
    let at = from;
    for (const byte of Buffer.from(text)) at = this.range(at, byte, byte);
    return this.skip(at, to);
  }

  /** One byte of those of an ASCII text. */
  oneOf(from: number, characters: string, to = this.state()): number {
    for (const byte of Buffer.from(characters)) this.range(from, byte, byte, to);
    return to;
  }
}

/** The same, walked: its states are sets of the grammar's, found as they are reached. */
export class Automaton {
  readonly start: number;
  readonly #grammar: Grammar;
  readonly #end: number;
  readonly #sets: (readonly number[])[] = [];
  readonly #known = new Map<string, number>();
  readonly #next: Int32Array[] = [];

  /** @param end where a text is whole */
  constructor(grammar: Grammar, end: number) {
    this.#grammar = grammar;
    this.#end = end;
    this.start = this.#numbered([grammar.start]);
  }

  /** Where a byte leads from a state; `NOWHERE` if it may not come there. */
  after(state: number, byte: number): number {
    const next = this.#next[state];
    if (next[byte] === UNKNOWN) next[byte] = this.#step(state, byte);
    return next[byte];
  }

  /** Whether the text so far is whole. */
  isWhole(state: number): boolean {
    return this.#sets[state].includes(this.#end);
  }

  /** Whether it is whole and nothing may follow. */
  isOver(state: number): boolean {
    return this.isWhole(state) && this.#sets[state].every((at) => this.#grammar.edges[at].length === 0);
  }

  #step(state: number, byte: number): number {
    const reached = this.#sets[state].flatMap((at) =>
      this.#grammar.edges[at].filter(({ low, high }) => low <= byte && byte <= high).map(({ to }) => to),
    );
    return reached.length === 0 ? NOWHERE : this.#numbered(reached);
  }

  /** The state that is these and all that are reached from them by nothing. */
  #numbered(reached: readonly number[]): number {
    const set = new Set(reached);
    for (const at of set) for (const to of this.#grammar.silent[at]) set.add(to);
    const sorted = [...set].sort((a, b) => a - b);
    const key = sorted.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const state = this.#sets.push(sorted) - 1;
    this.#next.push(new Int32Array(256).fill(UNKNOWN));
    this.#known.set(key, state);
    return state;
  }
}
