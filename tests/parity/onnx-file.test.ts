import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { openInference } from "@/workers/engine/inference";
import { mergeAdapter } from "@/workers/engine/merge";
import { openModel } from "@/workers/engine/model-dir";
import { readAdapter } from "@/workers/engine/peft";
import { writeOnnx } from "@/workers/training/onnx-file";
import { family, golden, goldens, largestDifference, temporary } from "./reference";

const prompt = goldens.prompts[0];
const response = goldens.responses[0][0];
const ids = [...prompt, ...response];

/** What onnxruntime answers when it opens the file as anybody would. */
async function answered(directory: string): Promise<Tensor> {
  const file = join(directory, "model.onnx");
  writeOnnx(directory, file);
  const session = await InferenceSession.create(file);
  const vector = (numbers: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(numbers, BigInt), [numbers.length]);
  const answers = await session.run({ input_ids: vector(ids), position_ids: vector(ids.map((_, at) => at)) });
  await session.release();
  return Object.values(answers)[0];
}

const numbersOf = ({ data }: Tensor): Float32Array => {
  if (data instanceof Float32Array) return data;
  throw new Error("not float32");
};

test.each(readdirSync(join(golden, "families")))(
  "onnxruntime opens %s as a file and computes what the engine computes",
  async (name) => {
    const directory = temporary();
    cpSync(family(name), directory, { recursive: true });
    const inference = openInference(directory);
    const [[expected]] = await inference.logProbabilities([{ prompt, responses: [response] }]);
    await inference.close();
    const answer = await answered(directory);
    const logits = numbersOf(answer);
    const vocabulary = answer.dims[1];
    const logps = response.map((id, i) => {
      const at = (prompt.length + i - 1) * vocabulary;
      const row = logits.slice(at, at + vocabulary);
      const peak = Math.max(...row);
      return row[id] - peak - Math.log(row.reduce((sum, z) => sum + Math.exp(z - peak), 0));
    });
    expect(largestDifference(logps, [...expected])).toBeLessThan(1e-4);
  },
);

test("a merged reward model scores as base and adapter do", async () => {
  const adapter = join(golden, "adapters", "reward");
  const base = openModel(family("llama"));
  const directory = temporary();
  mergeAdapter(directory, base, readAdapter(adapter, base.config));
  const inference = openInference(base.dir, adapter);
  const [[expected]] = await inference.scores([{ prompt, responses: [response] }]);
  await inference.close();
  expect(Math.abs((numbersOf(await answered(directory)).at(-1) ?? 0) - expected)).toBeLessThan(1e-4);
});
