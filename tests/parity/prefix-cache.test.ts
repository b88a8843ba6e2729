import { describe, expect, test } from "vitest";
import { generateSteps } from "@/workers/engine/infer/generate";
import { openInference } from "@/workers/engine/infer/inference";
import { type Continuation, likelihoods } from "@/workers/engine/infer/likelihood";
import { seeded } from "@/workers/engine/random";
import { adapterCases, family, goldens, largestDifference } from "./reference";

const virtual = adapterCases.find(({ name }) => name === "prefix");
const models = [
  ...Object.keys(goldens.families).map((name) => ({ name, model: family(name), adapter: null })),
  ...(virtual ? [{ name: "a tuned prefix", model: family(virtual.family), adapter: virtual.directory }] : []),
];

/** Longer than any window of a tiny model. */
const rubric = Array.from({ length: 14 }, (_, i) => 3 + ((i * 7) % 40));
const items: Continuation[] = [
  { context: [...rubric, 5, 6, 7], continuation: [9, 4] },
  { context: [...rubric, 5, 6, 7], continuation: [11] },
  { context: [...rubric, 5, 8], continuation: [4, 4, 9] },
  { context: [...rubric, 30], continuation: [1] },
  { context: rubric, continuation: [2, 3] },
  { context: [...rubric.slice(0, 6), 20, 21], continuation: [6] },
];

type Opened = ReturnType<typeof openInference>;

/** What each is worth without anything that was read before, by the graph that knows no past. */
async function read(inference: Opened, asked: readonly Continuation[]): Promise<number[]> {
  const rows = asked.map(({ context, continuation }) => ({ prompt: context, responses: [continuation] }));
  return (await inference.logProbabilities(rows)).flatMap(([logps]) => [...logps]);
}

async function continued(inference: Opened, asked: readonly Continuation[]): Promise<number[]> {
  const found: number[][] = [];
  for await (const { index, logps } of likelihoods(inference, asked)) found[index] = [...logps];
  return found.flat();
}

test.each(models)("$name: numbers are the same, whatever was read before", async ({ model, adapter }) => {
  const inference = openInference(model, adapter);
  const expected = await read(inference, items);
  const found: number[] = [];
  // One after the other: each finds what those before it left.
  for (const item of items) found.push(...(await continued(inference, [item])));
  expect(largestDifference(found, expected)).toBeLessThan(1e-5);
  expect(inference.cache.find([...rubric, 5, 6]).known).toBe(rubric.length + 2);
  expect(largestDifference(await continued(inference, items), expected)).toBeLessThan(1e-5);
  await inference.close();
});

/** Those that differ most in how they attend. */
const different = models.filter(({ name }) => ["llama", "gemma3", "a tuned prefix"].includes(name));
describe.each(different)("$name", ({ model, adapter }) => {
  test("a beginning that no run can hold with all that follows is read once for all", async () => {
    const shots = Array.from({ length: 32 }, (_, i) => 3 + ((i * 11) % 40));
    const random = seeded(1, "prefix cache");
    const drawn = () => 1 + Math.floor(random.uniform() * 47);
    // 120 contexts with 22 tokens of their own: more than the 2,048 of a run.
    const many = Array.from({ length: 120 }, (): Continuation => {
      const own = Array.from({ length: 22 }, drawn);
      return { context: [...shots, ...own], continuation: [drawn(), drawn()] };
    });
    const inference = openInference(model, adapter);
    const expected = await read(inference, many);
    expect(largestDifference(await continued(inference, many), expected)).toBeLessThan(1e-5);
    expect(inference.cache.find(shots).known).toBe(shots.length);
    await inference.close();
  });

  test("a prompt is continued the same after another that began alike", async () => {
    const inference = openInference(model, adapter);
    const prompts = [[...rubric, 5, 6, 7], [...rubric, 5, 8], [...rubric, 5, 6, 7], rubric];
    const options = {
      ...{ do_sample: false, temperature: 1, top_k: 0, top_p: 1, seed: 1, stopIds: [] },
      ...{ max_new_tokens: 6, num_return_sequences: 1, batch_size: 2 },
    };
    const known: number[] = [];
    const answers: number[][] = [];
    for await (const step of generateSteps(inference, prompts, options)) {
      if (step.kind === "read") known[step.prompt] = step.known;
      if (step.kind === "end") answers[step.result.prompt] = step.result.ids;
    }
    expect(known).toEqual([0, rubric.length + 1, rubric.length + 2, rubric.length - 1]);
    for (const [index, prompt] of prompts.entries()) {
      const cold = openInference(model, adapter);
      for await (const step of generateSteps(cold, [prompt], options))
        if (step.kind === "end") expect(answers[index]).toEqual(step.result.ids);
      await cold.close();
    }
    await inference.close();
  });
});
