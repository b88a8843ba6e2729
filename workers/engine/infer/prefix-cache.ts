import type { ModelConfig } from "../model/config";
import { sharedLength } from "../rows/packing";
import { bytesOfToken, joined, type Past, type Stretch } from "./past";

/** Tokens that follow those of the nodes above; nodes below begin with different tokens each. */
interface Node {
  ids: readonly number[];
  past: Past;
  children: Map<number, Node>;
  /** When it was last read or written, in uses of the cache. */
  usedAt: number;
}

/** A node, and how many of its tokens a text has in common with it. */
interface Met {
  readonly node: Node;
  readonly shared: number;
}

/**
 * Keys and values of texts that were read, so that a text which begins like one of them is read from where they part:
 * the rubric before every item of a judge, the shots before every question, the turns of a conversation so far. Common
 * beginnings are stored once (a radix tree, as in SGLang, arXiv 2312.07104). What was not used for longest goes when
 * `limit` bytes are full; of a text that is larger by itself the beginning is kept.
 */
export class PrefixCache {
  readonly #config: ModelConfig;
  readonly #limit: number;
  readonly #root: Node;
  #bytes = 0;
  #uses = 0;

  /** @param first what precedes every text: a tuned prefix, or nothing; it counts towards no limit */
  constructor(config: ModelConfig, first: Past, limit: number) {
    this.#config = config;
    this.#limit = limit;
    this.#root = { ids: [], past: first, children: new Map(), usedAt: 0 };
  }

  /** Bytes of what is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The past of the longest known beginning of `ids`: its first `known` tokens, and what precedes every text. */
  find(ids: readonly number[]): { readonly past: Past; readonly known: number } {
    const met = this.#follow(ids);
    const stretches = met.map(({ node: { past }, shared }): Stretch => ({ past, start: 0, end: shared }));
    const first = { past: this.#root.past, start: 0, end: this.#root.past.tokens };
    return { past: joined(this.#config, [first, ...stretches]), known: lengthOf(met) };
  }

  /** Keeps the past of a text, which has what precedes every text before the text's own. */
  keep(text: readonly number[], past: Past): void {
    const own = bytesOfToken(this.#config);
    const ids = text.slice(0, Math.floor(this.#limit / own));
    const met = this.#follow(ids);
    const known = lengthOf(met);
    if (known === ids.length) return;
    const last = met.at(-1);
    if (last) this.#split(last);
    const start = this.#root.past.tokens + known;
    const fresh = joined(this.#config, [{ past, start, end: start + ids.length - known }]);
    const above = last?.node ?? this.#root;
    above.children.set(ids[known], {
      ids: ids.slice(known),
      past: fresh,
      children: new Map(),
      usedAt: this.#uses,
    });
    this.#bytes += fresh.tokens * own;
    while (this.#bytes > this.#limit) this.#bytes -= this.#forgetOldest() * own;
  }

  /** The nodes that `ids` lead along; all but the last are met whole. */
  #follow(ids: readonly number[]): Met[] {
    this.#uses++;
    const met: Met[] = [];
    let at = 0;
    for (let node = this.#root.children.get(ids[0]); node; ) {
      node.usedAt = this.#uses;
      const shared = sharedLength([node.ids, ids.slice(at, at + node.ids.length)]);
      met.push({ node, shared });
      at += shared;
      node = shared === node.ids.length ? node.children.get(ids[at]) : undefined;
    }
    return met;
  }

  /** Cuts a node where a text leaves it: what follows becomes its child. */
  #split({ node, shared }: Met): void {
    if (shared === node.ids.length) return;
    const { ids, past, children, usedAt } = node;
    const cut = (start: number, end: number) => joined(this.#config, [{ past, start, end }]);
    const rest = { ids: ids.slice(shared), past: cut(shared, ids.length), children, usedAt };
    node.ids = ids.slice(0, shared);
    node.past = cut(0, shared);
    node.children = new Map([[ids[shared], rest]]);
  }

  /** Drops the end that was not used for longest. @returns its tokens */
  #forgetOldest(): number {
    let oldest: { readonly above: Node; readonly node: Node } | null = null;
    const stack = [this.#root];
    for (let above = stack.pop(); above; above = stack.pop())
      for (const node of above.children.values()) {
        stack.push(node);
        if (node.children.size === 0 && (oldest === null || node.usedAt < oldest.node.usedAt))
          oldest = { above, node };
      }
    if (oldest === null) return 0;
    oldest.above.children.delete(oldest.node.ids[0]);
    return oldest.node.ids.length;
  }
}

const lengthOf = (met: readonly Met[]) => met.reduce((sum, { shared }) => sum + shared, 0);
