/**
 * Causal attention over packed rows. A row is a tree: a prompt and the responses that continue it, one after
 * the other. A response sees the prompt and itself, so the prompt is computed once for all of them, and rows
 * never see each other. Every row is attended on its own: no padding, and no scores between rows.
 */

import { gradientsBetween } from "../graph/gradients";
import { size, staticSize, type Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { ModelConfig } from "./config";

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

/** Keys and values that precede every row (a tuned prefix, tokens read before): [tokens, key heads · features], by layer. */
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

/** @param places int64 positions of the prefixes' tokens; default: from 0 on, where their number is known now */
export function treeAttention(
  rows: Rows,
  prefixes: Prefixes = [],
  places: Value | null = prefixes[0] ? firstPlaces(staticSize(prefixes[0].key, 0)) : null,
): Attend {
  const parts = Array.from({ length: rows.count }, (_, row) => partOf(rows, row));
  const masks = new Map<string, Value>();
  const maskOf = ({ window, heads }: AttentionLayer, row: number): Value => {
    const groups = heads.query / heads.key;
    const name = `${row} ${window} ${groups}`;
    const mask = masks.get(name) ?? maskOfRow(rows, parts[row], { window, places, groups });
    masks.set(name, mask);
    return mask;
  };
  return (layer, q, k, v) => {
    const { heads } = layer;
    const groups = heads.query / heads.key;
    // Heads first, once for all rows; the query heads that share a key head lie side by side.
    const query = byHead(ops.mul(q, layer.scale), heads.key, groups * heads.features);
    const key = turned(k, heads);
    const value = byHead(v, heads.key, heads.features);
    const prefix = prefixes[layer.index];
    const shared = prefix ? [turned(prefix.key, heads), byHead(prefix.value, heads.key, heads.features)] : [];
    const [keyPrefix, valuePrefix] = shared;
    const pieces = parts.map((part, row): Piece => {
      const starts = [part(query, TOKENS), part(key, KEY_TOKENS), part(value, TOKENS)];
      const [own, keys, values] = starts;
      const output = attend(
        layer,
        own,
        keyPrefix ? ops.concat([keyPrefix, keys], KEY_TOKENS) : keys,
        valuePrefix ? ops.concat([valuePrefix, values], TOKENS) : values,
        maskOf(layer, row),
      );
      return { part, starts, output };
    });
    const joined = ops.concat(
      pieces.map((piece) => piece.output),
      TOKENS,
      size(q, 0),
    );
    const rule = (gradient: Value) => gradientsOfPieces(pieces, shared, gradient);
    const attended = { ...joined, backward: { of: [query, key, value, ...shared], rule } };
    return ops.reshape(ops.transpose(attended, [1, 0, 2]), q.shape);
  };
}

const firstPlaces = (count: number) => ops.integers(...Array.from({ length: count }, (_, place) => place));

type Heads = AttentionLayer["heads"];

/** Where the tokens lie in queries and values by head [heads, tokens, features], and in keys [heads, features, tokens]. */
const TOKENS = 1;
const KEY_TOKENS = 2;

/** [tokens, heads · features] → [heads, tokens, features]. */
const byHead = (x: Value, heads: number, features: number) =>
  ops.transpose(ops.reshape(x, [size(x, 0), heads, features]), [1, 0, 2]);

/** [tokens, heads · features] → [heads, features, tokens]. */
const turned = (x: Value, heads: Heads) =>
  ops.transpose(ops.reshape(x, [size(x, 0), heads.key, heads.features]), [1, 2, 0]);

/** The part of one row in something packed, whose tokens lie along an axis. */
type Part = (packed: Value, axis: number) => Value;

function partOf({ bounds }: Rows, row: number): Part {
  const [start, end] = [at(bounds, row), at(bounds, row + 1)];
  return (packed, axis) => ops.slice(packed, axis, start, end, `row ${row}`);
}

const at = (vector: Value, index: number) => ops.slice(vector, 0, index, index + 1);

/** What one row attended, from its queries, keys and values. */
interface Piece {
  readonly part: Part;
  readonly starts: readonly Value[];
  readonly output: Value;
}

/**
 * Gradients of queries, keys and values, and of what all rows share. By the rule of Slice, those of each row would be
 * padded to the length of all rows and added to the others'.
 */
function gradientsOfPieces(pieces: readonly Piece[], shared: readonly Value[], gradient: Value): Value[] {
  const found = pieces.map(({ part, starts, output }) =>
    gradientsBetween([...starts, ...shared], output, part(gradient, TOKENS)),
  );
  const tokens = size(gradient, TOKENS);
  const own = [TOKENS, KEY_TOKENS, TOKENS].map((axis, side) =>
    ops.concat(
      found.map((row) => row[side]),
      axis,
      tokens,
    ),
  );
  return [...own, ...shared.map((_, index) => found.map((row) => row[own.length + index]).reduce(ops.add))];
}

/** Tokens by their positions and branches. */
interface Tokens {
  readonly positions: Value;
  readonly branches: Value;
}

/** How far back a query sees, and where what precedes the row lies. */
interface Seen {
  readonly window: number | null;
  readonly places: Value | null;
}

/** [groups · queries, keys]: the groups' queries of a token lie below each other. */
function maskOfRow(
  { positions, branches }: Rows,
  part: Part,
  { groups, ...seen }: Seen & { readonly groups: number },
): Value {
  const keys = { positions: part(positions, 0), branches: part(branches, 0) };
  const queries = {
    positions: repeatedEach(keys.positions, groups),
    branches: repeatedEach(keys.branches, groups),
  };
  return visible(queries, keys, seen);
}

/** [n] → [times · n], each element `times` times. */
function repeatedEach(x: Value, times: number): Value {
  if (times === 1) return x;
  const column = ops.unsqueeze(x, 1);
  const copies = ops.concat(
    Array.from({ length: times }, () => column),
    1,
  );
  return ops.reshape(copies, [Array.from({ length: times }, () => size(x, 0)).join("+")]);
}

/** 0 where a query (down) may see a key (across), else so low that its weight is exactly 0; what precedes the row comes first. */
function visible(queries: Tokens, keys: Tokens, { window, places }: Seen): Value {
  const [down, across] = [1, 0];
  const [query, key] = [ops.unsqueeze(queries.positions, down), ops.unsqueeze(keys.positions, across)];
  const own = ops.equal(ops.unsqueeze(queries.branches, down), ops.unsqueeze(keys.branches, across));
  const shared = ops.equal(ops.unsqueeze(keys.branches, across), ops.integers(0));
  const past = ops.and(ops.or(own, shared), ops.lessOrEqual(key, query));
  const near = window === null ? past : ops.and(past, ops.less(ops.sub(query, key), ops.integers(window)));
  const mask = ops.where(near, 0, -1e30);
  return places === null ? mask : ops.concat([visiblePrefix(queries.positions, places, window), mask], 1);
}

/** The same for what precedes the row, whose tokens have the positions before the row's first. */
function visiblePrefix(positions: Value, places: Value, window: number | null): Value {
  const distance = ops.sub(ops.unsqueeze(positions, 1), ops.unsqueeze(places, 0));
  return ops.where(ops.less(distance, ops.integers(window ?? Number.MAX_SAFE_INTEGER)), 0, -1e30);
}

/**
 * softmax(q kᵀ + mask) v by head; query heads share key heads in groups (arXiv 2305.13245), and a group is one matrix
 * product.
 * @param q [key heads, queries, groups · features], scaled
 * @param k [key heads, features, keys]
 * @param v [key heads, keys, features]
 * @returns [key heads, queries, groups · features]
 */
function attend({ heads, softcap }: AttentionLayer, q: Value, k: Value, v: Value, mask: Value): Value {
  const raw = ops.matmul(ops.reshape(q, [heads.key, size(mask, 0), heads.features]), k);
  const scores = softcap === null ? raw : ops.mul(ops.tanh(ops.mul(raw, 1 / softcap)), softcap);
  const weights = ops.softmax(ops.add(scores, mask));
  return ops.reshape(ops.matmul(weights, v), q.shape);
}
