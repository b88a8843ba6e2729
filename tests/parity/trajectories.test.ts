import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { nightly } from "@/tests/nightly";
import { openSafetensors, readFloat32 } from "@/workers/engine/file/safetensors";
import { readRunSpec } from "@/workers/engine/spec/file";
import type { RunSpec } from "@/workers/engine/spec/spec";
import { train } from "@/workers/engine/train/train";

/**
 * Forty steps of TRL's own trainers on tiny random models (make_goldens.py trajectories) and of the engine on the
 * same run.yaml: same rows in the same order, same initial adapter. Micro-batches and the last accumulation group
 * of an epoch are uneven on purpose.
 */
const golden = join(import.meta.dirname, "golden/trajectories");
const scratch = mkdtempSync(join(tmpdir(), "concord-trajectories-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const line = z.looseObject({ type: z.string() });
const step = z.object({ step: z.int() }).catchall(z.number());
type Step = z.infer<typeof step>;

/** Metrics that both sides log, with the tolerance of the difference: absolute below 1, relative above. */
const tolerances: Record<string, number> = {
  loss: 1e-3,
  grad_norm: 1e-2,
  epoch: 1e-9,
  num_tokens: 0,
  "rewards/chosen": 1e-3,
  "rewards/rejected": 1e-3,
  "rewards/margins": 1e-3,
  "rewards/accuracies": 1e-6,
  "logits/chosen": 1e-3,
  "logits/rejected": 1e-3,
  "logps/chosen": 1e-3,
  "logps/rejected": 1e-3,
  entropy: 1e-3,
  mean_token_accuracy: 1e-6,
  kl: 1e-3,
  nll_loss: 1e-3,
  log_odds_ratio: 1e-3,
  log_odds_chosen: 1e-3,
  min_reward: 1e-3,
  mean_reward: 1e-3,
  max_reward: 1e-3,
  margin: 1e-3,
  accuracy: 1e-6,
};

const away = (a: number, b: number) => Math.abs(a - b) / Math.max(1, Math.abs(b));

function differences(found: readonly Step[], expected: readonly Step[]): string[] {
  return expected.flatMap((theirs, i) => {
    const ours = found[i];
    if (ours === undefined) return [`step ${theirs.step} is missing`];
    const named = Object.entries(tolerances).flatMap(([name, usual]) => {
      const value = theirs[name];
      // Where TRL computes no NLL it logs 0; the engine leaves out what has no value.
      if (value === undefined || (name === "nll_loss" && value === 0)) return [];
      // TRL's CPO and ORPO trainers, which log an NLL, average logits over padding as well.
      if (name.startsWith("logits/") && theirs.nll_loss !== undefined) return [];
      const tolerance = name === "loss" && i < 5 ? 1e-4 : usual;
      const difference = away(ours[name] ?? Number.NaN, value);
      return difference <= tolerance
        ? []
        : [`step ${theirs.step} ${name}: ${ours[name]} instead of ${value}`];
    });
    const rate = theirs.learning_rate ?? 0;
    const sameRate = Math.abs((ours.learning_rate ?? Number.NaN) - rate) <= 1e-12;
    return sameRate
      ? named
      : [...named, `step ${theirs.step} learning_rate: ${ours.learning_rate} instead of ${rate}`];
  });
}

/** Largest difference of two sets of trained weights, relative to the largest weight of each tensor. */
function weightDifference(ours: string, theirs: string): number {
  const mine = openSafetensors(ours);
  return Math.max(
    ...[...openSafetensors(theirs)].map(([name, stored]) => {
      const own = mine.get(name);
      if (own === undefined) throw new Error(`${ours} lacks ${name}`);
      const [a, b] = [readFloat32(own), readFloat32(stored)];
      const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
      return (
        b.reduce((largest, value, i) => Math.max(largest, Math.abs((a[i] ?? Number.NaN) - value)), 0) / scale
      );
    }),
  );
}

type BatchOption = "max_steps" | "per_device_train_batch_size" | "gradient_accumulation_steps";

/** Runs a case with changed options, at most for so many steps; returns its metrics by step. */
async function steps(
  name: string,
  output: string,
  options: Partial<Pick<RunSpec, BatchOption>> = {},
  atMost = Number.POSITIVE_INFINITY,
): Promise<Step[]> {
  const spec = { ...readRunSpec(join(golden, name, "run.yaml")), ...options, output };
  let done = 0;
  const hooks = {
    resume: false,
    shouldStop: () => done >= atMost,
    onStep: (status: { step: number }) => {
      done = status.step;
    },
    onMessage: () => {},
  };
  expect(await train(spec, hooks)).toBe(Number.isFinite(atMost) ? "stopped" : "done");
  return readFileSync(join(output, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((json) => line.parse(JSON.parse(json)))
    .filter(({ type }) => type === "metrics")
    .map(({ type: _type, time: _time, ...metrics }) => step.parse(metrics));
}

/** By day one case of each method goes to its last weights, the others a part of the way. */
const whole = ["sft-messages-qwen3", "dpo-sigmoid-llama", "dpo-full-qwen3", "reward-llama", "kto-qwen2"];
const PART = 15;

describe("training equals TRL's trainers step by step", () => {
  it.each(readdirSync(golden))("%s", async (name) => {
    const output = join(scratch, name);
    const toTheEnd = nightly || whole.includes(name);
    const found = await steps(name, output, {}, toTheEnd ? undefined : PART);
    const all = z.array(step).parse(JSON.parse(readFileSync(join(golden, name, "log.json"), "utf8")));
    const expected = toTheEnd ? all : all.slice(0, PART);
    expect(found).toHaveLength(expected.length);
    expect(differences(found, expected)).toEqual([]);
    if (!toTheEnd) return;

    const adapter = readRunSpec(join(golden, name, "run.yaml")).adapter;
    const file = adapter === null ? "model.safetensors" : "adapter_model.safetensors";
    const weights = join(output, "output", file);
    expect(weightDifference(weights, join(golden, name, "final.safetensors"))).toBeLessThan(1e-2);
  });
});

describe("micro-batches of 1 accumulated 8 times equal one batch of 8", () => {
  it.each(["sft-llama", "dpo-sigmoid-llama"])("%s", async (name) => {
    const few = { max_steps: 4 };
    const whole = await steps(name, join(scratch, `${name} 8x1`), {
      ...few,
      per_device_train_batch_size: 8,
      gradient_accumulation_steps: 1,
    });
    const single = await steps(name, join(scratch, `${name} 1x8`), {
      ...few,
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: 8,
    });
    for (const [i, { loss = 0, grad_norm = 0 }] of whole.entries()) {
      expect(away(single[i]?.loss ?? Number.NaN, loss)).toBeLessThan(1e-5);
      expect(away(single[i]?.grad_norm ?? Number.NaN, grad_norm)).toBeLessThan(1e-4);
    }
  });
});
