/**
 * Causal attention over packed rows. A row is a tree: a prompt and the responses that continue it, one after
 * the other. A response sees the prompt and itself, so the prompt is computed once for all of them, and rows
 * never see each other. Every row is attended on its own: no padding, and no scores between rows.
 */
import type { ModelConfig } from "./config";
import { size, staticSize, type Value } from "./graph";
import * as ops from "./ops";

/** What a layer asks of its attention. */
export interface AttentionLayer {
  readonly index: number;
  readonly heads: { readonly query: number; readonly key: number; readonly features: number };
  readonly scale: number;
  /** A query sees the keys less than this far back; null: all. */
  readonly window: number | null;
  /** scores = cap · tanh(scores / cap). */
  readonly softcap: number | null;
}

/** From packed queries, keys and values [tokens, heads · features] to what is attended, [tokens, query heads · features]. */
export type Attend = (layer: AttentionLayer, q: Value, k: Value, v: Value) => Value;

/** Where rows lie in the packed tokens, and who sees whom in them. */
export interface Rows {
  /** Number of rows. */
  readonly count: number;
  /** int64 [count + 1]: first token of each row, and the end. */
  readonly bounds: Value;
  /** int64 [tokens]: distance from the start of the row along the token's own branch. */
  readonly positions: Value;
  /** int64 [tokens]: 0 in the prompt, n in the nth response. */
  readonly branches: Value;
}

/** Keys and values that precede every row (prefix tuning): [virtual tokens, key heads · features], by layer. */
export type Prefixes = readonly { readonly key: Value; readonly value: Value }[];

/** PEFT stores, for each virtual token, the keys and values of every layer: [tokens, layers · 2 · size]. */
export function prefixesOf(config: ModelConfig, embeddings: Value): Prefixes {
  const width = config.num_key_value_heads * config.head_dim;
  const part = (index: number) => ops.slice(embeddings, 1, index * width, (index + 1) * width);
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
    key: part(2 * layer),
    value: part(2 * layer + 1),
  }));
}

export function treeAttention({ count, bounds, positions, branches }: Rows, prefixes: Prefixes = []): Attend {
  const rows = Array.from({ length: count }, (_, row) => {
    const start = ops.slice(bounds, 0, row, row + 1);
    const end = ops.slice(bounds, 0, row + 1, row + 2);
    return (x: Value) => ops.slice(x, 0, start, end, `row ${row}`);
  });
  const virtual = prefixes[0] ? staticSize(prefixes[0].key, 0) : 0;
  const maskOf = (positions: Value, branches: Value, window: number | null): Value => {
    const own = visible(positions, branches, window);
    return virtual === 0 ? own : ops.concat([visiblePrefix(positions, virtual, window), own], 1);
  };
  const masks = new Map<number | null, Value[]>();
  const masksOf = (window: number | null): Value[] => {
    const made = masks.get(window) ?? rows.map((part) => maskOf(part(positions), part(branches), window));
    masks.set(window, made);
    return made;
  };
  return (layer, q, k, v) => {
    const prefix = prefixes[layer.index];
    const attended = rows.map((part, row) => {
      const mask = masksOf(layer.window)[row];
      return prefix
        ? attend(layer, part(q), after(prefix.key, part(k)), after(prefix.value, part(v)), mask)
        : attend(layer, part(q), part(k), part(v), mask);
    });
    return ops.concat(attended, 0, size(q, 0));
  };
}

/** 0 where a query (down) may see a key (across), else so low that its weight is exactly 0. */
function visible(positions: Value, branches: Value, window: number | null): Value {
  const [down, across] = [1, 0];
  const [query, key] = [ops.unsqueeze(positions, down), ops.unsqueeze(positions, across)];
  const own = ops.equal(ops.unsqueeze(branches, down), ops.unsqueeze(branches, across));
  const shared = ops.equal(ops.unsqueeze(branches, across), ops.integers(0));
  const past = ops.and(ops.or(own, shared), ops.lessOrEqual(key, query));
  const near = window === null ? past : ops.and(past, ops.less(ops.sub(query, key), ops.integers(window)));
  return ops.where(near, 0, -1e30);
}

/** The same for a tuned prefix, whose tokens have the positions before the row's first. */
function visiblePrefix(positions: Value, virtual: number, window: number | null): Value {
  const places = ops.integers(...Array.from({ length: virtual }, (_, place) => place));
  const distance = ops.sub(ops.unsqueeze(positions, 1), ops.unsqueeze(places, 0));
  return ops.where(ops.less(distance, ops.integers(window ?? Number.MAX_SAFE_INTEGER)), 0, -1e30);
}

/** softmax(scale · q kᵀ + mask) v for each head; query heads share key heads in groups (arXiv 2305.13245). */
function attend({ heads, scale, softcap }: AttentionLayer, q: Value, k: Value, v: Value, mask: Value): Value {
  const [queries, keys] = [size(q, 0), size(k, 0)];
  const groups = heads.query / heads.key;
  const query = ops.transpose(ops.reshape(q, [queries, heads.key, groups, heads.features]), [1, 2, 0, 3]);
  const key = ops.transpose(ops.reshape(k, [keys, heads.key, 1, heads.features]), [1, 2, 3, 0]);
  const value = ops.transpose(ops.reshape(v, [keys, heads.key, 1, heads.features]), [1, 2, 0, 3]);
  const raw = ops.matmul(ops.mul(query, scale), key);
  const scores = softcap === null ? raw : ops.mul(ops.tanh(ops.mul(raw, 1 / softcap)), softcap);
  const weights = ops.softmax(ops.add(scores, mask));
  const attended = ops.transpose(ops.matmul(weights, value), [2, 0, 1, 3]);
  return ops.reshape(attended, [queries, heads.query * heads.features]);
}

const after = (prefix: Value, x: Value) => ops.concat([prefix, x], 0);
