/**
 * Causal attention over packed rows. A row is a tree: a prompt and the responses that continue it, one after
 * the other. A response sees the prompt and itself, so the prompt is computed once for all of them, and rows
 * never see each other. Every row is attended on its own: no padding, and no scores between rows.
 */
import type { ModelConfig } from "./config";
import { gradientsBetween } from "./gradients";
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
  /** How rows are cut for speed; a row is attended in one piece where this is absent. */
  readonly cuts?: Cuts;
  /** int64 [tokens]: distance from the start of the row along the token's own branch. */
  readonly positions: Value;
  /** int64 [tokens]: 0 in the prompt, n in the nth response. */
  readonly branches: Value;
}

/** Blocks of neighbouring queries. A block reads no key after its end: the scores there would be hidden anyway. */
export interface Cuts {
  /** Blocks in a row. */
  readonly blocks: number;
  /** int64 [count · blocks]: end of each block, counted from the start of its row. */
  readonly ends: Value;
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

export function treeAttention(rows: Rows, prefixes: Prefixes = []): Attend {
  const parts = Array.from({ length: rows.count }, (_, row) => rowOf(rows, row));
  const virtual = prefixes[0] ? staticSize(prefixes[0].key, 0) : 0;
  const masks = new Map<string, Value>();
  const maskOf = ({ window, heads }: AttentionLayer, row: number, block: number): Value => {
    const groups = heads.query / heads.key;
    const name = `${row} ${block} ${window} ${groups}`;
    const mask = masks.get(name) ?? repeated(maskOfBlock(parts[row], block, { window, virtual }), groups);
    masks.set(name, mask);
    return mask;
  };
  return (layer, q, k, v) => {
    const prefix = prefixes[layer.index];
    const pieces = parts.flatMap((part, row) => {
      const [query, key, value] = [q, k, v].map(part.slice);
      return part.blocks.map(({ queries, keys }, block): Piece => {
        const own = queries(query);
        const [allKeys, allValues] = prefix
          ? [after(prefix.key, keys(key)), after(prefix.value, keys(value))]
          : [keys(key), keys(value)];
        const output = attend(layer, own, allKeys, allValues, maskOf(layer, row, block));
        return { row, starts: [own, key, value], output, queriesOf: (x) => queries(part.slice(x)) };
      });
    });
    const shared = prefix ? [prefix.key, prefix.value] : [];
    const output = joined(
      pieces.map((piece) => piece.output),
      q,
    );
    const rule = (gradient: Value) => gradientsOfPieces(pieces, [q, k, v], shared, gradient);
    return { ...output, backward: { of: [q, k, v, ...shared], rule } };
  };
}

/** What one block attended; gradients flow from it to its queries and to all keys and values of its row. */
interface Piece {
  readonly row: number;
  readonly starts: readonly Value[];
  readonly output: Value;
  /** What lies at the block's queries in something packed. */
  readonly queriesOf: (packed: Value) => Value;
}

/**
 * Gradients of q, k, v and of what all pieces share. By the rule of Slice, those of each piece would be padded to the
 * length of all rows and added to the others'.
 */
function gradientsOfPieces(
  pieces: readonly Piece[],
  [q, k, v]: readonly Value[],
  shared: readonly Value[],
  gradient: Value,
): Value[] {
  const found = pieces.map(({ row, starts, output, queriesOf }) => {
    const [query, key, value, ...others] = gradientsBetween(
      [...starts, ...shared],
      output,
      queriesOf(gradient),
    );
    return { row, query, key, value, others };
  });
  const rows = [...new Set(found.map(({ row }) => row))];
  const summed = (side: "key" | "value") =>
    rows.map((row) =>
      found
        .filter((piece) => piece.row === row)
        .map((piece) => piece[side])
        .reduce(ops.add),
    );
  const queries = found.map(({ query }) => query);
  return [
    joined(queries, q),
    joined(summed("key"), k),
    joined(summed("value"), v),
    ...shared.map((_, index) => found.map(({ others }) => others[index]).reduce(ops.add)),
  ];
}

/** Parts of something packed, put together as `whole` is. */
const joined = (parts: readonly Value[], whole: Value) => ops.concat(parts, 0, size(whole, 0));

/** One row of the packed tokens, and its blocks. */
interface Row {
  /** The row's part of something packed. */
  readonly slice: (packed: Value) => Value;
  readonly positions: Value;
  readonly branches: Value;
  readonly blocks: readonly Block[];
}
/** From something of a row to what lies at a block's queries and at the keys it reads. */
interface Block {
  readonly queries: (x: Value) => Value;
  readonly keys: (x: Value) => Value;
}

function rowOf({ bounds, cuts, positions, branches }: Rows, row: number): Row {
  const [start, end] = [at(bounds, row), at(bounds, row + 1)];
  const slice = (x: Value) => ops.slice(x, 0, start, end, `row ${row}`);
  const whole: Block = { queries: (x) => x, keys: (x) => x };
  const blocks = cuts
    ? Array.from({ length: cuts.blocks }, (_, block) => blockOf(cuts, row, block))
    : [whole];
  return { slice, positions: slice(positions), branches: slice(branches), blocks };
}

function blockOf({ blocks, ends }: Cuts, row: number, block: number): Block {
  const index = row * blocks + block;
  const name = `${row}.${block}`;
  const start = block === 0 ? 0 : at(ends, index - 1);
  const end = at(ends, index);
  return {
    queries: (x) => ops.slice(x, 0, start, end, `queries ${name}`),
    keys: (x) => (block === blocks - 1 ? x : ops.slice(x, 0, 0, end, `keys ${name}`)),
  };
}

const at = (vector: Value, index: number) => ops.slice(vector, 0, index, index + 1);

/** Tokens by their positions and branches. */
interface Tokens {
  readonly positions: Value;
  readonly branches: Value;
}

function maskOfBlock(
  { positions, branches, blocks }: Row,
  block: number,
  seen: { readonly window: number | null; readonly virtual: number },
): Value {
  const { queries, keys } = blocks[block];
  return visible(
    { positions: queries(positions), branches: queries(branches) },
    { positions: keys(positions), branches: keys(branches) },
    seen,
  );
}

/** 0 where a query (down) may see a key (across), else so low that its weight is exactly 0; a tuned prefix comes first. */
function visible(
  queries: Tokens,
  keys: Tokens,
  { window, virtual }: { readonly window: number | null; readonly virtual: number },
): Value {
  const [down, across] = [1, 0];
  const [query, key] = [ops.unsqueeze(queries.positions, down), ops.unsqueeze(keys.positions, across)];
  const own = ops.equal(ops.unsqueeze(queries.branches, down), ops.unsqueeze(keys.branches, across));
  const shared = ops.equal(ops.unsqueeze(keys.branches, across), ops.integers(0));
  const past = ops.and(ops.or(own, shared), ops.lessOrEqual(key, query));
  const near = window === null ? past : ops.and(past, ops.less(ops.sub(query, key), ops.integers(window)));
  const mask = ops.where(near, 0, -1e30);
  return virtual === 0 ? mask : ops.concat([visiblePrefix(queries.positions, virtual, window), mask], 1);
}

/** The same for a tuned prefix, whose tokens have the positions before the row's first. */
function visiblePrefix(positions: Value, virtual: number, window: number | null): Value {
  const places = ops.integers(...Array.from({ length: virtual }, (_, place) => place));
  const distance = ops.sub(ops.unsqueeze(positions, 1), ops.unsqueeze(places, 0));
  return ops.where(ops.less(distance, ops.integers(window ?? Number.MAX_SAFE_INTEGER)), 0, -1e30);
}

/**
 * softmax(scale · q kᵀ + mask) v for each head; query heads share key heads in groups (arXiv 2305.13245). The heads of
 * a group lie below each other, so that a group is one matrix product; the mask is repeated likewise.
 */
function attend({ heads, scale, softcap }: AttentionLayer, q: Value, k: Value, v: Value, mask: Value): Value {
  const [queries, keys] = [size(q, 0), size(k, 0)];
  const groups = heads.query / heads.key;
  const split = ops.transpose(ops.reshape(q, [queries, heads.key, groups, heads.features]), [1, 2, 0, 3]);
  const query = ops.reshape(split, [heads.key, size(mask, 0), heads.features]);
  const key = ops.transpose(ops.reshape(k, [keys, heads.key, heads.features]), [1, 2, 0]);
  const value = ops.transpose(ops.reshape(v, [keys, heads.key, heads.features]), [1, 0, 2]);
  const raw = ops.matmul(ops.mul(query, scale), key);
  const scores = softcap === null ? raw : ops.mul(ops.tanh(ops.mul(raw, 1 / softcap)), softcap);
  const weights = ops.softmax(ops.add(scores, mask));
  const grouped = ops.reshape(ops.matmul(weights, value), [heads.key, groups, queries, heads.features]);
  return ops.reshape(ops.transpose(grouped, [2, 0, 1, 3]), [queries, heads.query * heads.features]);
}

const repeated = (x: Value, times: number) =>
  times === 1
    ? x
    : ops.concat(
        Array.from({ length: times }, () => x),
        0,
      );
const after = (prefix: Value, x: Value) => ops.concat([prefix, x], 0);
