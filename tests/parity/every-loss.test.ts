import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { train } from "@/workers/engine/train/train";
import { lossRuns } from "./every-loss";

/** What is announced is trained: from a version's rows to a saved model. torch.test.ts does it for the other engine. */
const scratch = mkdtempSync(join(tmpdir(), "concord-losses-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it.each(lossRuns("onnx", scratch))("$name trains", async ({ options }) => {
  const { spec, problems } = parseRunSpec(options);
  expect(problems).toEqual([]);
  if (spec === null) return;
  const hooks = { resume: false, shouldStop: () => false, onStep: () => {}, onMessage: () => {} };
  expect(await train(spec, hooks)).toBe("done");
  const lines = readFileSync(join(spec.output, "events.jsonl"), "utf8").trim().split("\n");
  const steps = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "metrics");
  expect(steps.map(({ step }) => step)).toEqual([1, 2]);
  for (const { loss, grad_norm } of steps) {
    expect(Number.isFinite(loss)).toBe(true);
    expect(grad_norm).toBeGreaterThan(0);
  }
  const weights = ["adapter_model.safetensors", "model.safetensors"];
  expect(weights.some((name) => existsSync(join(spec.output, "output", name)))).toBe(true);
});
