/**
 * What onnxruntime 1.30 does on the CPU against expectation (workers/engine/README.md lists it with sources), held
 * off our own graphs: each of these tests fails when a graph falls back on the operator that does it.
 */
import { describe, expect, it } from "vitest";
import { gradients } from "@/workers/engine/graph/gradients";
import type { Value } from "@/workers/engine/graph/graph";
import * as ops from "@/workers/engine/graph/ops";
import { Session, type TensorData } from "@/workers/engine/graph/session";
import { rewardLoss } from "@/workers/engine/loss/reward";
import { type Rows, treeAttention } from "@/workers/engine/model/attention";
import { seeded } from "@/workers/engine/random";
import { parseRunSpec } from "@/workers/engine/spec/spec";

async function run(outputs: Record<string, Value>, feeds: Record<string, TensorData>) {
  const session = await Session.open(outputs, { device: "cpu", threads: 2 });
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

const tensor = (data: Float32Array, ...dims: number[]): TensorData => ({ data, dims });
const int64 = (numbers: readonly number[]): TensorData => ({
  data: BigInt64Array.from(numbers, BigInt),
  dims: [numbers.length],
});
/** Around 0.1, so that nothing cancels and what is lost shows. */
const positives = (count: number) => seeded(1, "positives").fillUniform(new Float32Array(count), 0.09, 0.11);

function expectClose(found: readonly number[], exact: Float64Array, tolerance: number) {
  expect(found).toHaveLength(exact.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value / exact[i] - 1)));
  expect(worst).toBeLessThan(tolerance);
}

describe("long sums", () => {
  it("are exact over a million rows, over all numbers, and over heads and tokens", async () => {
    const [rows, columns] = [1_000_000, 4];
    const data = positives(rows * columns);
    const byColumn = new Float64Array(columns);
    data.forEach((value, i) => {
      byColumn[i % columns] += value;
    });
    const x = ops.input("x", ["rows", columns]);
    const heads = ops.reshape(x, ["rows", 2, 2]);
    const byFeature = Float64Array.of(byColumn[0] + byColumn[2], byColumn[1] + byColumn[3]);
    const total = Float64Array.of(byColumn.reduce((a, b) => a + b));
    const found = await run(
      {
        rows: ops.sum(x, { axes: [0] }),
        kept: ops.sum(x, { axes: [0], keep: true }),
        all: ops.sum(x),
        heads: ops.sum(heads, { axes: [0, 1] }),
        mean: ops.mean(x, { axes: [0] }),
      },
      { x: tensor(data, rows, columns) },
    );
    expectClose(found.rows, byColumn, 3e-5);
    expectClose(found.kept, byColumn, 3e-5);
    expectClose(found.all, total, 3e-5);
    expectClose(found.heads, byFeature, 3e-5);
    expectClose(
      found.mean,
      byColumn.map((sum) => sum / rows),
      3e-5,
    );
  });

  it("count beyond 2^24", async () => {
    const rows = 2 ** 24 + 2 ** 20;
    const x = ops.input("x", ["rows", 1]);
    const ones = tensor(new Float32Array(rows).fill(1), rows, 1);
    expect((await run({ count: ops.sum(x, { axes: [0] }) }, { x: ones })).count).toEqual([rows]);
  });

  it("give every number they add the gradient of the sum, in each layout", async () => {
    const x = ops.input("x", ["rows", 2, 2]);
    const weighted = ops.sum(ops.mul(ops.sum(x, { axes: [0, 1] }), ops.constant([3, 5])));
    const [gradient] = gradients(ops.add(weighted, ops.sum(x)), [x]);
    const found = await run({ gradient }, { x: tensor(positives(12), 3, 2, 2) });
    expect(found.gradient).toEqual([4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6]);
  });
});

it("loses no gradient of an embedding whose tokens repeat, on two threads", async () => {
  const [vocabulary, width, tokens] = [16, 32, 20_000];
  const random = seeded(3, "tokens");
  const ids = Array.from({ length: tokens }, () => random.integer(3)); // thirteen never occur
  const weights = positives(tokens * width);
  const exact = new Float64Array(vocabulary * width);
  weights.forEach((weight, i) => {
    exact[ids[Math.floor(i / width)] * width + (i % width)] += weight;
  });
  const table = ops.input("table", [vocabulary, width]);
  const picked = ops.gather(table, ops.input("ids", ["tokens"], "int64"));
  const loss = ops.sum(ops.mul(picked, ops.input("weights", ["tokens", width])));
  const feeds = {
    table: tensor(positives(vocabulary * width), vocabulary, width),
    ids: int64(ids),
    weights: tensor(weights, tokens, width),
  };
  const [gradient] = gradients(loss, [table]);
  const [once, again] = [await run({ gradient }, feeds), await run({ gradient }, feeds)];
  expect(again).toEqual(once);
  expectClose(once.gradient.slice(0, 3 * width), exact.slice(0, 3 * width), 2e-5);
  expect(once.gradient.slice(3 * width).every((value) => value === 0)).toBe(true);
});

it.each([0, 1, 2])(
  "shows a reward that is no number in min, mean and max, as number %i too",
  async (place) => {
    const rewards = Float32Array.of(0.5, -1, 2);
    rewards[place] = Number.NaN;
    const reward = ops.input("reward", [3]);
    const { spec } = parseRunSpec({ method: "reward", model: "m", train: "t.jsonl", output: "o" });
    if (spec?.method !== "reward") throw new Error("not read as a reward model's run");
    const pairs = { chosen: reward, rejected: reward, margin: ops.input("margin", [3]) };
    const { metrics } = rewardLoss(pairs, spec);
    const { min_reward, mean_reward, max_reward } = metrics;
    const found = await run(
      { min: min_reward.sum, mean: mean_reward.sum, max: max_reward.sum },
      { reward: tensor(rewards, 3), margin: tensor(new Float32Array(3), 3) },
    );
    expect(found).toEqual({ min: [Number.NaN], mean: [Number.NaN], max: [Number.NaN] });
  },
);

it("has no attention row without a key: the narrowest window leaves every token itself", async () => {
  const [tokens, width] = [5, 4];
  const rows: Rows = {
    count: 1,
    bounds: ops.input("bounds", [2], "int64"),
    positions: ops.input("positions", ["tokens"], "int64"),
    branches: ops.input("branches", ["tokens"], "int64"),
  };
  const x = ops.input("x", ["tokens", width]);
  const heads = { query: 2, key: 2, features: 2 };
  const attended = treeAttention(rows)({ index: 0, heads, scale: 1, window: 1, softcap: null }, x, x, x);
  const data = positives(tokens * width);
  const found = await run(
    { attended },
    {
      x: tensor(data, tokens, width),
      bounds: int64([0, tokens]),
      positions: int64([0, 1, 2, 1, 2]), // a prompt of one token and two responses of two
      branches: int64([0, 1, 1, 2, 2]),
    },
  );
  expect(found.attended).toEqual(Array.from(data));
});
