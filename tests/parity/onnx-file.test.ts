import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openInference } from "@/workers/engine/infer/inference";
import { mergeAdapter } from "@/workers/engine/model/adapter/merge";
import { readAdapter } from "@/workers/engine/model/adapter/peft";
import { openModel } from "@/workers/engine/model/directory";
import { writeOnnx } from "@/workers/training/onnx-file";
import { onnxAnswer, onnxLogps } from "./onnx-answers";
import { family, golden, goldens, largestDifference, temporary } from "./reference";

const prompt = goldens.prompts[0];
const response = goldens.responses[0][0];

function written(directory: string): string {
  const file = join(directory, "model.onnx");
  writeOnnx(directory, file);
  return file;
}

test.each(readdirSync(join(golden, "families")))(
  "onnxruntime opens %s as a file and computes what the engine computes",
  async (name) => {
    const directory = temporary();
    cpSync(family(name), directory, { recursive: true });
    const inference = openInference(directory);
    const [[expected]] = await inference.logProbabilities([{ prompt, responses: [response] }]);
    await inference.close();
    const logps = await onnxLogps(written(directory), prompt, response);
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
  const { numbers } = await onnxAnswer(written(directory), [...prompt, ...response]);
  expect(Math.abs((numbers.at(-1) ?? 0) - expected)).toBeLessThan(1e-4);
});
