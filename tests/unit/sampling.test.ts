import { expect, test } from "vitest";
import { distribution, pickToken } from "@/workers/engine/infer/sampling";
import { Random, seeded } from "@/workers/engine/random";

const logits = Float32Array.of(1, 3, 2, 3, -1);
const plain = { do_sample: true, temperature: 1, top_k: 0, top_p: 1 };
/** Softmax written out. */
const softmax = (ids: number[], temperature = 1) => {
  const weights = ids.map((id) => Math.exp(logits[id] / temperature));
  const total = weights.reduce((a, b) => a + b);
  return new Map(ids.map((id, i) => [id, weights[i] / total]));
};
const close = (found: Map<number, number>, expected: Map<number, number>) => {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [id, probability] of expected) expect(found.get(id)).toBeCloseTo(probability, 6);
};

test("temperature, top_k and top_p filter as transformers' warpers do", () => {
  close(distribution(logits, plain), softmax([0, 1, 2, 3, 4]));
  close(distribution(logits, { ...plain, temperature: 0.5 }), softmax([0, 1, 2, 3, 4], 0.5));
  close(distribution(logits, { ...plain, top_k: 3 }), softmax([1, 3, 2]));
  // The two 3s hold 0.8 of the mass between them: 0.5 needs both of them, 0.85 the 2 as well.
  close(distribution(logits, { ...plain, top_p: 0.5 }), softmax([1, 3]));
  close(distribution(logits, { ...plain, top_p: 0.85 }), softmax([1, 3, 2]));
  close(distribution(logits, { ...plain, top_p: 0.01 }), new Map([[1, 1]]));
  close(distribution(logits, { ...plain, top_k: 1, temperature: 9 }), new Map([[1, 1]]));
});

test("greedy takes the first of equal logits", () => {
  expect(pickToken(logits, { ...plain, do_sample: false }, new Random(1))).toBe(1);
});

test("tokens are drawn as often as their probability says", () => {
  const random = seeded(7, "test");
  const draws = 20_000;
  const counts = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const id = pickToken(logits, { ...plain, top_k: 3 }, random);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const [id, probability] of softmax([1, 3, 2])) {
    const deviation = Math.sqrt((probability * (1 - probability)) / draws);
    expect(Math.abs((counts.get(id) ?? 0) / draws - probability)).toBeLessThan(5 * deviation);
  }
});

test("a generator resumes from its state as if it had never stopped", () => {
  const random = new Random(42);
  random.normal(); // leaves a spare normal behind
  const copy = new Random(JSON.parse(JSON.stringify(random.state())));
  const draw = (from: Random) => [
    from.normal(),
    from.uniform(),
    from.integer(10),
    from.normal(),
    from.bits(),
  ];
  expect(draw(copy)).toEqual(draw(random));
});

test("normals have mean 0 and deviation 1; shuffles are permutations; streams differ by name", () => {
  const values = new Random(5).fillNormal(new Float32Array(50_000), 1);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(variance).toBeCloseTo(1, 1);
  const items = Array.from({ length: 100 }, (_, i) => i);
  const shuffled = new Random(5).shuffle([...items]);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  expect(seeded(1, "a").bits()).not.toBe(seeded(1, "b").bits());
  expect(seeded(1, "a").bits()).not.toBe(seeded(2, "a").bits());
});
