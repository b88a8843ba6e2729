import type { TensorData } from "../graph/session";
import type { ModelConfig } from "../model/config";

/** Slots are added in steps of this many, so that growing copies the cache seldom and padding stays small. */
const slotStep = 128;

/**
 * Keys and values of the tokens so far, for `rows` sequences at once. A sequence's token at position p lies in
 * slot p; what lies in other slots is masked. Buffers are fed to the graph as they are, without a copy: keys as
 * [rows, heads, features, slots], values as [rows, heads, slots, features], which is how they are multiplied.
 */
export class KeyValueCache {
  readonly #rows: number;
  readonly #heads: number;
  readonly #features: number;
  #slots = slotStep;
  #keys: Float32Array[];
  #values: Float32Array[];

  constructor(config: ModelConfig, rows: number) {
    this.#rows = rows;
    this.#heads = config.num_key_value_heads;
    this.#features = config.head_dim;
    const size = rows * this.#heads * this.#features * this.#slots;
    this.#keys = Array.from({ length: config.num_hidden_layers }, () => new Float32Array(size));
    this.#values = Array.from({ length: config.num_hidden_layers }, () => new Float32Array(size));
  }

  get slots(): number {
    return this.#slots;
  }

  /** Makes room for positions below `end`. */
  reserve(end: number): void {
    if (end <= this.#slots) return;
    const before = this.#slots;
    this.#slots = Math.ceil(end / slotStep) * slotStep;
    const blocks = this.#rows * this.#heads;
    this.#keys = this.#keys.map((old) => spread(old, blocks * this.#features, before, this.#slots));
    this.#values = this.#values.map((old) =>
      spread(old, blocks, before * this.#features, this.#slots * this.#features),
    );
  }

  /** Stores one token's key and value, each [heads · features] from `offset` on. */
  write(
    layer: number,
    row: number,
    slot: number,
    keys: Float32Array,
    values: Float32Array,
    offset: number,
  ): void {
    const features = this.#features;
    const [ownKeys, ownValues] = [this.#keys[layer], this.#values[layer]];
    for (let head = 0; head < this.#heads; head++) {
      const block = (row * this.#heads + head) * this.#slots * features;
      const from = offset + head * features;
      for (let f = 0; f < features; f++) ownKeys[block + f * this.#slots + slot] = keys[from + f];
      ownValues.set(values.subarray(from, from + features), block + slot * features);
    }
  }

  feeds(): Record<string, TensorData> {
    const [rows, heads, features, slots] = [this.#rows, this.#heads, this.#features, this.#slots];
    return Object.fromEntries([
      ...this.#keys.map((data, layer) => [keysName(layer), { data, dims: [rows, heads, features, slots] }]),
      ...this.#values.map((data, layer) => [
        valuesName(layer),
        { data, dims: [rows, heads, slots, features] },
      ]),
    ]);
  }
}

export const keysName = (layer: number) => `past keys ${layer}`;
export const valuesName = (layer: number) => `past values ${layer}`;

/** Copies `count` blocks into blocks that are longer. */
function spread(old: Float32Array, count: number, before: number, after: number): Float32Array {
  const grown = new Float32Array(count * after);
  for (let block = 0; block < count; block++) {
    grown.set(old.subarray(block * before, (block + 1) * before), block * after);
  }
  return grown;
}
