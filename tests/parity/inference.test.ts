import { describe, expect, test } from "vitest";
import { type Generated, type GenerationOptions, generate } from "@/workers/engine/infer/generate";
import { openInference } from "@/workers/engine/infer/inference";
import { shareBeginning } from "@/workers/engine/infer/text-inference";
import { family, goldens, largestDifference } from "./reference";

const { prompts, families } = goldens;
const greedy: Omit<GenerationOptions, "batch_size"> = {
  do_sample: false,
  temperature: 1,
  top_k: 0,
  top_p: 1,
  max_new_tokens: families.llama.greedy[0].length,
  num_return_sequences: 1,
  seed: 1,
  stopIds: [],
};

async function continuations(name: string, options: GenerationOptions) {
  const inference = openInference(family(name));
  const results: Generated[] = [];
  for await (const result of generate(inference, prompts, options)) results.push(result);
  await inference.close();
  return results.sort((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

describe.each(Object.keys(families))("%s", (name) => {
  // Batches of 3 for 4 prompts: rows end, are refilled, and have different lengths.
  test.each([1, 3])("continues greedily as transformers does, %i at a time", async (batch_size) => {
    const results = await continuations(name, { ...greedy, batch_size });
    expect(results.map(({ ids }) => ids)).toEqual(families[name].greedy);
  });

  test("gives generated tokens the log-probabilities that reading them gives", async () => {
    const results = await continuations(name, { ...greedy, batch_size: 2 });
    const inference = openInference(family(name));
    const rows = results.map(({ prompt, ids }) => ({ prompt: prompts[prompt], responses: [ids] }));
    const read = await inference.logProbabilities(rows);
    await inference.close();
    for (const [index, { logps }] of results.entries()) {
      expect(largestDifference(logps, [...read[index][0]])).toBeLessThan(1e-5);
    }
  });

  test("averages hidden states as transformers does", async () => {
    const inference = openInference(family(name));
    const means = await inference.embeddings(prompts);
    await inference.close();
    for (const [index, mean] of means.entries()) {
      expect(largestDifference([...mean], families[name].means[index])).toBeLessThan(1e-4);
    }
  });
});

test("what is sampled depends on the seed and not on the batch", async () => {
  const options = { ...greedy, do_sample: true, temperature: 1.5, num_return_sequences: 3 };
  const ids = async (settings: GenerationOptions) =>
    (await continuations("llama", settings)).map((result) => result.ids);
  const one = await ids({ ...options, batch_size: 1 });
  expect(await ids({ ...options, batch_size: 5 })).toEqual(one);
  expect(await ids({ ...options, batch_size: 5, seed: 2 })).not.toEqual(one);
  expect(new Set(one.map(String)).size).toBeGreaterThan(prompts.length); // samples of a prompt differ
});

test("a stop token ends a continuation and is left out; a full context ends it too", async () => {
  const [whole] = families.llama.greedy;
  const stop = whole[4];
  const [stopped] = await continuations("llama", { ...greedy, batch_size: 4, stopIds: [stop] });
  expect(stopped).toMatchObject({ ids: whole.slice(0, whole.indexOf(stop)), finish: "stop" });
  const [full] = await continuations("llama", { ...greedy, batch_size: 4, max_new_tokens: 1000 });
  expect(full).toMatchObject({ finish: "length", ids: { length: 64 - prompts[0].length } });
});

test("sequences with a common beginning share it", () => {
  expect(
    shareBeginning([
      [1, 2, 3, 4],
      [1, 2, 5],
      [1, 2],
    ]),
  ).toEqual({ prompt: [1, 2], responses: [[3, 4], [5], []] });
});
