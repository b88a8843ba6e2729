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
  return (layer, q, k, v) => {
    const { window, heads } = layer;
    const groups = heads.query / heads.key;
    const prefix = prefixes[layer.index];
    const maskOf = ({ positions, branches, blocks }: Row, row: number, block: number): Value => {
      const name = `${row} ${block} ${window} ${groups}`;
      const { queries, keys } = blocks[block];
      const mask =
        masks.get(name) ??
        repeated(
          visible(
            { positions: queries(positions), branches: queries(branches) },
            { positions: keys(positions), branches: keys(branches) },
            { window, virtual },
          ),
          groups,
        );
      masks.set(name, mask);
      return mask;
    };
    const attended = parts.flatMap((part, row) => {
      const [query, key, value] = [q, k, v].map(part.slice);
      return part.blocks.map(({ queries, keys }, block) => {
        const own = queries(query);
        const [allKeys, allValues] = prefix
          ? [after(prefix.key, keys(key)), after(prefix.value, keys(value))]
          : [keys(key), keys(value)];
        const output = attend(layer, own, allKeys, allValues, maskOf(part, row, block));
        return { row, block, starts: [own, key, value], output };
      });
    });
    const joined = ops.concat(
      attended.map(({ output }) => output),
      0,
      size(q, 0),
    );
    const shared = prefix ? [prefix.key, prefix.value] : [];
    // By the rule of Slice, the gradient of every part would be padded to the length of all and added to the others'.
    const rule = (gradient: Value) => {
      const ofRows = parts.map(({ slice }) => slice(gradient));
      const found = attended.map(({ row, block, starts, output }) =>
        gradientsBetween([...starts, ...shared], output, parts[row].blocks[block].queries(ofRows[row])),
      );
      const ofQueries = ops.concat(
        found.map(([query]) => query),
        0,
        size(q, 0),
      );
      const summed = (which: number, row: number) =>
        found
          .filter((_, index) => attended[index].row === row)
          .map((gradients) => gradients[which])
          .reduce(ops.add);
      const [ofKeys, ofValues] = [k, v].map((whole, index) =>
        ops.concat(
          parts.map((_, row) => summed(1 + index, row)),
          0,
          size(whole, 0),
        ),
      );
      const ofShared = shared.map((_, index) =>
        found.map((gradients) => gradients[3 + index]).reduce(ops.add),
      );
      return [ofQueries, ofKeys, ofValues, ...ofShared];
    };
    return { ...joined, backward: { of: [q, k, v, ...shared], rule } };
  };
}

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
