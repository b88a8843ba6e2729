import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { train } from "@/workers/engine/train/train";

/**
 * Weights of rows: `workers/torch/tests/test_weights.py` holds the other engine to the same laws and to the same
 * numbers, and those to plain torch.
 */
const golden = join(import.meta.dirname, "golden");
const scratch = mkdtempSync(join(tmpdir(), "concord-weights-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const values = z.record(z.string(), z.unknown());
const steps = z.array(z.object({ loss: z.number(), grad_norm: z.number() }));
const goldens = z
  .object({
    weights: z.array(z.number()),
    options: values,
    runs: z.record(z.string(), z.object({ options: values, steps })),
  })
  .parse(JSON.parse(readFileSync(join(golden, "weights.json"), "utf8")));
const event = z.looseObject({ type: z.string() });

/** A golden run on its first rows, with these weights; a row whose weight is null is not there. */
async function weighed(
  name: string,
  weights: readonly (number | null)[],
  options: Record<string, unknown>,
): Promise<{ curve: z.infer<typeof steps>; trained: Buffer }> {
  const source = join(golden, "trajectories", name);
  const folder = mkdtempSync(join(scratch, "run-"));
  mkdirSync(folder, { recursive: true });
  const rows = readFileSync(join(source, "train.jsonl"), "utf8").split("\n");
  const kept = weights.flatMap((weight, row) =>
    weight === null ? [] : [`${JSON.stringify({ ...values.parse(JSON.parse(rows[row])), weight })}\n`],
  );
  writeFileSync(join(folder, "train.jsonl"), kept.join(""));
  const file = values.parse(parse(readFileSync(join(source, "run.yaml"), "utf8")));
  const absolute = (path: unknown) => (typeof path === "string" ? resolve(source, path) : path);
  const { spec, problems } = parseRunSpec({
    ...file,
    model: absolute(file.model),
    ...(file.adapter !== undefined && { adapter: absolute(file.adapter) }),
    train: join(folder, "train.jsonl"),
    output: join(folder, "out"),
    ...options,
  });
  if (spec === null) throw new Error(JSON.stringify(problems));
  const hooks = { resume: false, shouldStop: () => false, onStep: () => {}, onMessage: () => {} };
  expect(await train(spec, hooks)).toBe("done");
  const metrics = readFileSync(join(folder, "out/events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((json) => event.parse(JSON.parse(json)))
    .filter(({ type }) => type === "metrics");
  const output = join(folder, "out/output");
  const [weightsFile = ""] = readdirSync(output).filter((entry) => entry.endsWith(".safetensors"));
  return { curve: steps.parse(metrics), trained: readFileSync(join(output, weightsFile)) };
}

it.each(Object.entries(goldens.runs))("%s takes the steps of the torch engine", async (name, run) => {
  const { curve } = await weighed(name, goldens.weights, { ...goldens.options, ...run.options });
  expect(curve).toHaveLength(run.steps.length);
  run.steps.forEach(({ loss, grad_norm }, i) => {
    expect(Math.abs(curve[i].loss / loss - 1)).toBeLessThan(1e-4);
    expect(Math.abs(curve[i].grad_norm / grad_norm - 1)).toBeLessThan(1e-3);
  });
});

const short = {
  max_steps: 3,
  per_device_train_batch_size: 2,
  gradient_accumulation_steps: 2,
  shuffle: true,
};

it.each([
  ["sft-llama", {}],
  ["sft-packed-llama", {}],
  ["dpo-sigmoid-llama", {}],
  ["kto-pairs-cut-llama", {}],
  ["reward-llama", {}],
])(
  "%s with equal weights is the run without, and weight 0 leaves a row out, to the bit",
  async (name, more) => {
    const without = await weighed(name, [1, 1, 1, 1, 1, null, null, null], { ...short, ...more });
    const same = await weighed(name, [0.7, 0.7, 0.7, 0.7, 0.7, 0, 0, 0], { ...short, ...more });
    expect(same).toEqual(without);
  },
);

it.each([
  [["orpo-qwen3", "orpo"], {}],
  [["simpo-qwen3", "simpo with cpo_alpha above 0"], { cpo_alpha: 0.1 }],
  [["dpo-sigmoid-llama", "rpo_alpha"], { rpo_alpha: 1 }],
])("%s is refused by name", async ([name, joins], options) => {
  await expect(weighed(name, goldens.weights, { ...short, ...options })).rejects.toThrow(
    `${joins} takes the pairs of a micro-batch together`,
  );
});

it("what is no weight is named by file, row and field", async () => {
  await expect(weighed("dpo-sigmoid-llama", [1, -1], short)).rejects.toThrow(
    "row 2: weight is not valid; give a number from 0, which leaves the row out, or remove the field.",
  );
});
