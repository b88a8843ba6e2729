import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { readRunSpec } from "@/workers/engine/spec/file";
import { train } from "@/workers/engine/train/train";

/** Real processes that are killed or asked to stop, resumed here; what they left is read by the command itself once. */
const scratch = mkdtempSync(join(tmpdir(), "concord-resume-"));
const golden = resolve("tests/parity/golden");
const command = ["--import", "tsx", "workers/engine/cli/train.ts"];
const steps = 10;
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const runs = {
  adapter: { peft: { method: "lora", r: 4, lora_dropout: 0.1, target_modules: "all-linear" } },
  "full model": {},
  "adapter by DPO": {
    method: "preference",
    train: join(golden, "trajectories/dpo-sigmoid-llama/train.jsonl"),
    peft: { method: "lora", r: 4, target_modules: "all-linear" },
  },
} as const;

function writeRun(name: string, output: string, settings: object): string {
  const file = join(scratch, `${name}.yaml`);
  const spec = {
    method: "sft",
    model: join(golden, "models/llama"),
    train: join(golden, "trajectories/sft-llama/train.jsonl"),
    output,
    max_steps: steps,
    per_device_train_batch_size: 2,
    gradient_accumulation_steps: 2,
    learning_rate: 0.01,
    weight_decay: 0.1,
    lr_scheduler_type: "cosine",
    logging_steps: 2,
    save_steps: 5,
    max_length: 96,
    ...settings,
  };
  writeFileSync(file, stringify(spec));
  return file;
}

const start = (file: string, ...options: string[]) => spawn(process.execPath, [...command, file, ...options]);

/** Trains to the end in this process, which knows nothing of the one before. */
async function runThrough(file: string, resume = false): Promise<void> {
  const hooks = { resume, shouldStop: () => false, onStep: () => {}, onMessage: () => {} };
  expect(await train(readRunSpec(file), hooks)).toBe("done");
}

/** The same as its own process. */
function resumeByCommand(file: string): void {
  const { status, stderr } = spawnSync(process.execPath, [...command, file, "--resume"], {
    encoding: "utf8",
  });
  expect(`${status} ${stderr}`).toBe("0 ");
}

const eventShape = z.looseObject({ type: z.string(), step: z.int().optional() });
function eventsOf(output: string) {
  const file = join(output, "events.jsonl");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => eventShape.parse(JSON.parse(line)));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

/** Every file of the final checkpoint, and the metrics without what depends on the clock. */
function results(output: string) {
  const folder = join(output, "checkpoints", `step-${steps}`);
  const tensors = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  const metrics = eventsOf(output)
    .filter(({ type }) => type === "metrics")
    .map(({ time: _, ...line }) => line);
  return { tensors, bytes: tensors.map((name) => readFileSync(join(folder, name))), metrics };
}

it.each([
  ["npm alone", "SIGTERM", 143],
  ["its whole process group", "SIGTERM", 143],
  ["its whole process group", "SIGINT", 130],
] as const)("npm run train saves a checkpoint when %s is sent %s", async (whom, signal, status) => {
  const output = join(scratch, whom, signal);
  const file = writeRun(`${whom} ${signal}`, output, { max_steps: 100_000, logging_steps: 1 });
  const child = spawn("npm", ["run", "train", "--", file], { detached: true, stdio: "ignore" });
  const closed = new Promise((done) => child.once("close", (code) => done(code)));
  await until(() => eventsOf(output).some(({ type }) => type === "metrics"));
  const pid = child.pid ?? Number.NaN;
  process.kill(whom === "npm alone" ? pid : -pid, signal);
  expect(await closed).toBe(status);
  expect(eventsOf(output).at(-2)?.type).toBe("checkpoint");
});

describe.each(Object.entries(runs))("resuming a run that trains the %s", (name, settings) => {
  const whole = join(scratch, name, "whole");
  beforeAll(() => runThrough(writeRun(`${name} whole`, whole, settings)), 240_000);

  it("after SIGKILL gives the same bytes as never stopping", async () => {
    const output = join(scratch, name, "killed");
    const file = writeRun(`${name} killed`, output, settings);
    const child = start(file);
    const closed = new Promise((done) => child.once("close", done));
    await until(() => eventsOf(output).some(({ type, step = 0 }) => type === "checkpoint" && step === 5));
    child.kill("SIGKILL");
    await closed;
    expect(existsSync(join(output, "output"))).toBe(false);
    if (name === "adapter") resumeByCommand(file);
    else await runThrough(file, true);
    const [found, expected] = [results(output), results(whole)];
    expect(found.metrics).toEqual(expected.metrics);
    expect(found.tensors).toEqual(expected.tensors);
    expect(found.tensors.length).toBe(2);
    found.bytes.forEach((bytes, i) => {
      expect(bytes.equals(expected.bytes[i])).toBe(true);
    });
  });

  it("after SIGTERM, which saves a checkpoint first, too", async () => {
    const output = join(scratch, name, "stopped");
    const file = writeRun(`${name} stopped`, output, settings);
    const child = start(file);
    const closed = new Promise((done) => child.once("close", (status) => done(status)));
    await until(() => eventsOf(output).some(({ type }) => type === "metrics"));
    child.kill("SIGTERM");
    expect(await closed).toBe(143);
    const saved = eventsOf(output).findLast(({ type }) => type === "checkpoint");
    expect(saved?.step).toBeLessThan(steps);
    await runThrough(file, true);
    const [found, expected] = [results(output), results(whole)];
    expect(found.metrics).toEqual(expected.metrics);
    found.bytes.forEach((bytes, i) => {
      expect(bytes.equals(expected.bytes[i])).toBe(true);
    });
  });
});
