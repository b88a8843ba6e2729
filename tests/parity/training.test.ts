import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openSafetensors, readFloat32 } from "@/workers/engine/file/safetensors";
import { parseRunSpec, type RunSpec } from "@/workers/engine/spec/spec";
import { heldOut } from "@/workers/engine/train/events";
import { train } from "@/workers/engine/train/train";

/** What the loop does around its steps, on tiny models. */
const golden = resolve("tests/parity/golden");
const scratch = mkdtempSync(join(tmpdir(), "concord-training-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rows = (trajectory: string) => join(golden, "trajectories", trajectory, "train.jsonl");
function specOf(name: string, options: Record<string, unknown>): RunSpec {
  const { spec, problems } = parseRunSpec({
    method: "sft",
    model: join(golden, "models/llama"),
    train: rows("sft-llama"),
    output: join(scratch, name),
    max_length: 96,
    max_steps: 6,
    per_device_train_batch_size: 4,
    learning_rate: 0.01,
    logging_steps: 1,
    shuffle: false,
    ...options,
  });
  if (spec === null) throw new Error(problems.map(({ message }) => message).join(" "));
  return spec;
}

const eventShape = z.looseObject({
  type: z.string(),
  step: z.int().optional(),
  message: z.string().optional(),
});
async function trained(name: string, options: Record<string, unknown>) {
  const spec = specOf(name, options);
  const end = await train(spec, {
    resume: false,
    shouldStop: () => false,
    onStep: () => {},
    onMessage: () => {},
  });
  const lines = readFileSync(join(spec.output, "events.jsonl"), "utf8").trim().split("\n");
  const events = lines.map((line) => eventShape.parse(JSON.parse(line)));
  const stepsOf = (type: string) => events.filter((event) => event.type === type).map(({ step }) => step);
  return { end, output: spec.output, events, stepsOf };
}

const evaluatedShape = z.looseObject({ held_out: heldOut });

/** The row with a text that no model here has room for. */
function lengthened(row: unknown): unknown {
  if (typeof row === "string") return row.length > 0 ? `${row} `.repeat(400) : row;
  if (Array.isArray(row)) return row.map(lengthened);
  if (typeof row !== "object" || row === null) return row;
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, key === "role" ? value : lengthened(value)]),
  );
}

describe("the loop", () => {
  it("logs, evaluates and keeps the last checkpoints as asked", async () => {
    const { end, output, events, stepsOf } = await trained("whole", {
      eval: rows("sft-llama"),
      eval_steps: 2,
      save_steps: 2,
      save_total_limit: 2,
      warmup_steps: 0.3,
    });
    expect(end).toBe("done");
    expect(stepsOf("metrics")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stepsOf("eval")).toEqual([2, 4, 6]);
    expect(stepsOf("checkpoint")).toEqual([2, 4, 6]);
    expect(readdirSync(join(output, "checkpoints")).sort()).toEqual(["step-4", "step-6"]);
    const rates = events.filter(({ type }) => type === "metrics").map((event) => event.learning_rate);
    expect(rates.slice(0, 3)).toEqual([0, 0.005, 0.01]);
    expect(events.at(-1)?.type).toBe("done");
    expect(readdirSync(join(output, "output")).sort()).toEqual(
      expect.arrayContaining(["README.md", "config.json", "model.safetensors", "tokenizer.json"]),
    );
  });

  it("stops when evaluations no longer improve, and writes the best weights", async () => {
    const { output, events, stepsOf } = await trained("early", {
      eval: rows("sft-full-qwen2"),
      model: join(golden, "models/qwen2"),
      eval_steps: 1,
      max_steps: 20,
      learning_rate: 0.3, // far too high: the first evaluations are the best
      early_stopping_patience: 2,
      load_best_model_at_end: true,
    });
    const losses = events.filter(({ type }) => type === "eval").map((event) => Number(event.eval_loss));
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(stepsOf("metrics").length).toBe(best + 2);
    const weights = (folder: string) => {
      const tensor = openSafetensors(join(output, folder, "model.safetensors")).get("model.norm.weight");
      return tensor ? [...readFloat32(tensor)] : [];
    };
    expect(weights("output")).toEqual(weights(`checkpoints/step-${best}`));
  });

  it.each([
    ["reward", "reward-llama", {}, "accuracy"],
    ["preference", "dpo-sigmoid-llama", { beta: 0.1 }, "rewards/accuracies"],
    ["kto", "kto-llama", {}, "rewards/margins"],
    ["sft", "sft-llama", {}, "entropy"],
  ])("counts the held-out rows of %s that were scored, each the same", async (method, from, more, name) => {
    const lines = readFileSync(rows(from), "utf8").trim().split("\n");
    const long = JSON.stringify(lengthened(JSON.parse(lines[0])));
    const file = join(scratch, `held out ${method}.jsonl`);
    writeFileSync(file, [...lines.slice(0, 7), long, ""].join("\n"));
    const evaluated = async (size: number) => {
      const { events } = await trained(`held out ${method} ${size}`, {
        method,
        train: rows(from),
        eval: file,
        max_steps: 2,
        learning_rate: 0.001,
        // One row at a time, a mean of batches is the mean of rows.
        per_device_eval_batch_size: size,
        ...more,
      });
      return evaluatedShape.parse(events.find(({ type }) => type === "eval"));
    };
    const [single, batched] = [await evaluated(1), await evaluated(4)];
    const { scored, dropped, right, compared, means } = batched.held_out;
    expect({ scored, dropped }).toEqual({ scored: 7, dropped: 1 });
    if (method === "reward" || method === "preference") {
      expect(compared).toBe(7);
      expect(right).toBe(Math.round(7 * Number(single[`eval_${name}`])));
      expect(means[name]).toBeCloseTo(Number(single[`eval_${name}`]), 6);
    } else expect(right).toBeUndefined();
    expect(means[name]).toBeCloseTo(single.held_out.means[name], 5);
    // TRL's mean of the means of 4 and of 3 rows stays on the curve.
    expect(Math.abs(Number(batched[`eval_${name}`]) - means[name])).toBeGreaterThan(1e-6);
  });

  it("gives the same loss for 8 × 1 and 1 × 8 rows, packed differently, when every token weighs the same", async () => {
    const lossesOf = async (size: number) => {
      const { events } = await trained(`size ${size}`, {
        per_device_train_batch_size: size,
        gradient_accumulation_steps: 8 / size,
        peft: { method: "lora", target_modules: "all-linear" },
      });
      return events.filter(({ type }) => type === "metrics").map((event) => Number(event.loss));
    };
    const [whole, single] = [await lossesOf(8), await lossesOf(1)];
    whole.forEach((loss, step) => {
      expect(single[step]).toBeCloseTo(loss, 5);
    });
  });

  it("recomputes layers when memory is short, and gives the same numbers", async () => {
    const lossesWith = async (gradient_checkpointing: boolean) => {
      const { events } = await trained(`recompute ${gradient_checkpointing}`, { gradient_checkpointing });
      return events.filter(({ type }) => type === "metrics").map((event) => Number(event.loss));
    };
    expect(await lossesWith(true)).toEqual(await lossesWith(false));
  });
});

describe("what cannot go well ends with one sentence", () => {
  it("a model larger than memory, before anything is written", async () => {
    const promise = trained("large", { memory_budget_gb: 0.1 });
    await expect(promise).rejects.toThrow(/^This run needs about 0\.\d GiB of memory and may use 0\.1 GiB: /);
    expect(existsSync(join(scratch, "large"))).toBe(false);
  });

  it("a loss that is not finite, after the last good checkpoint", async () => {
    const promise = trained("diverged", { learning_rate: 1e20, save_steps: 1 });
    await expect(promise).rejects.toThrow(
      /^The loss is not a finite number in step 2 \(rows 5, 6, 7, 8 of .*The checkpoint of step 1 is kept/,
    );
    expect(readdirSync(join(scratch, "diverged/checkpoints"))).toEqual(["step-1"]);
    const unsaved = trained("unsaved", { learning_rate: 1e20 });
    await expect(unsaved).rejects.toThrow(/ No checkpoint was due before it: /);
  });

  it("an output that cannot be a folder", async () => {
    await expect(trained("file", { output: "/dev/null/run" })).rejects.toThrow(
      "a part of the path is a file",
    );
  });
});
