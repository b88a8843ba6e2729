import { expect, test } from "vitest";
import { bytesOfToken, type Past } from "@/workers/engine/infer/past";
import { PrefixCache } from "@/workers/engine/infer/prefix-cache";
import { readModelConfig } from "@/workers/engine/model/read-config";
import { seeded } from "@/workers/engine/random";
import { sharedLength } from "@/workers/engine/rows/packing";

const config = readModelConfig("tests/parity/golden/families/llama");
const size = config.num_key_value_heads * config.head_dim;
const bytes = bytesOfToken(config);

/** A past whose numbers say which text each token ends. */
function pastOf(ids: readonly number[], before: readonly number[] = []): Past {
  const all = [...before, ...ids];
  const fill = (sign: number) => {
    const data = new Float32Array(config.num_hidden_layers * all.length * size);
    for (let layer = 0; layer < config.num_hidden_layers; layer++)
      for (const token of all.keys()) {
        const text = all.slice(0, token + 1).reduce((hash, id) => (hash * 31 + id + 1) % 99_991, 7);
        const start = (layer * all.length + token) * size;
        data.fill(sign * (text + layer / 8), start, start + size);
      }
    return data;
  };
  return { keys: fill(1), values: fill(-1), tokens: all.length };
}

test("it finds the longest beginning of all that was kept, with its own numbers", () => {
  const cache = new PrefixCache(config, pastOf([]), Number.MAX_SAFE_INTEGER);
  const random = seeded(1, "prefix cache");
  const kept: number[][] = [];
  for (let round = 0; round < 400; round++) {
    const ids = Array.from({ length: Math.floor(random.uniform() * 9) }, () =>
      Math.floor(random.uniform() * 3),
    );
    const { past, known } = cache.find(ids);
    expect(known).toBe(Math.max(0, ...kept.map((other) => sharedLength([ids, other]))));
    expect(past).toEqual(pastOf(ids.slice(0, known)));
    cache.keep(ids, pastOf(ids));
    kept.push(ids);
  }
  const beginnings = new Set(kept.flatMap((ids) => ids.map((_, i) => ids.slice(0, i + 1).join(" "))));
  expect(cache.bytes).toBe(beginnings.size * bytes);
});

test("when it is full, what was not used for longest goes first, and never what others continue", () => {
  const first = pastOf([40, 41]);
  const cache = new PrefixCache(config, first, 8 * bytes);
  const keep = (...ids: number[]) => cache.keep(ids, pastOf(ids, [40, 41]));
  const known = (...ids: number[]) => cache.find(ids).known;
  expect(cache.find([1])).toEqual({ past: first, known: 0 });
  keep(1, 2, 3, 4, 5, 6);
  keep(1, 2, 3, 7, 8);
  expect(cache.bytes).toBe(8 * bytes);
  keep(1, 2, 3, 9);
  expect(known(1, 2, 3, 4, 5, 6)).toBe(3);
  expect(cache.find([1, 2, 3, 7, 8]).past).toEqual(pastOf([1, 2, 3, 7, 8], [40, 41]));
  expect(cache.bytes).toBe(6 * bytes);
  // Larger than the whole: as much of its beginning as there is room for, and nothing else.
  keep(1, 2, 3, 9, 9, 9, 9, 9, 9, 9);
  expect(known(1, 2, 3, 9, 9, 9, 9, 9, 9, 9)).toBe(8);
  expect(known(1, 2, 3, 7)).toBe(3);
  expect(cache.bytes).toBe(8 * bytes);
});
