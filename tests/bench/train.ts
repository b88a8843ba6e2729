/**
 * Training: our engine and TRL 1.16 on torch, step by step in turn over the same rows, so that all meet the same
 * machine. SmolLM2-135M's shape with random weights, real HH helpful pairs of natural lengths, LoRA r=16 on all
 * linear layers. `npm run bench:train -- [preference|reward|sft] [--steps 6] [--batch 4]`; Python as for the
 * parity tests.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { gemmLimit } from "./flops";
import { helpfulPairs, type Pair, smolModel } from "./smollm";

const { values, positionals } = parseArgs({
  options: { steps: { type: "string", default: "6" }, batch: { type: "string", default: "4" } },
  allowPositionals: true,
});
const method = z.enum(["preference", "reward", "sft"]).parse(positionals[0] ?? "preference");
const [steps, batch] = [Number(values.steps), Number(values.batch)];
const python = referencePython();
if (!python) throw new Error(NO_PYTHON);

const rowsOf: Readonly<Record<typeof method, (pair: Pair) => object>> = {
  preference: (pair) => pair,
  reward: (pair) => pair,
  sft: ({ prompt, chosen }) => ({ prompt, completion: chosen }),
};
const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
const run = join(folder, "run.yaml");
const rows = helpfulPairs("train")
  .slice(0, (steps + 1) * batch)
  .map(rowsOf[method]);
writeFileSync(join(folder, "train.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
writeFileSync(
  run,
  stringify({
    method,
    model: smolModel(method === "reward" ? "score" : "causal"),
    train: join(folder, "train.jsonl"),
    output: join(folder, "output"),
    shuffle: false,
    max_steps: steps + 1,
    per_device_train_batch_size: batch,
    learning_rate: 1e-5,
    max_length: 1024,
    peft: { method: "lora", r: 16, lora_alpha: 32, target_modules: "all-linear" },
  }),
);

const readyShape = z.object({ ready: z.literal(true) });
const stepShape = z.object({
  seconds: z.number(),
  /** Processor seconds: what a busy machine changes least. */
  cpu: z.number(),
  loss: z.number(),
  tokens: z.number(),
  peak: z.number(),
  /** Of the matrix products, and the peak the engine foresaw: MiB. */
  flops: z.number().optional(),
  estimate: z.number().optional(),
});
type Step = z.infer<typeof stepShape>;

/** A process that takes one step for each line it is sent. */
async function contestant(command: string, ...args: string[]) {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", process.env.BENCH_STDERR ? "inherit" : "ignore"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended early; set BENCH_STDERR=1 to see why`);
    return JSON.parse(value);
  };
  readyShape.parse(await next());
  return {
    async step(): Promise<Step> {
      child.stdin.write("\n");
      return stepShape.parse(await next());
    },
    close: () => child.stdin.end(),
  };
}

const limit = await gemmLimit();
const contestants = {
  Concord: await contestant(process.execPath, "--import", "tsx", "tests/bench/train-steps.ts", run),
  "TRL fp32": await contestant(python, "tests/bench/train_reference.py", run, "float32"),
  "TRL bf16": await contestant(python, "tests/bench/train_reference.py", run, "bfloat16"),
};
const taken = new Map<string, Step[]>();
// The first step warms everyone up and is not counted.
for (let step = -1; step < steps; step++) {
  for (const [name, { step: take }] of Object.entries(contestants)) {
    const result = await take();
    console.error(
      `step ${step + 1} ${name}: ${result.seconds.toFixed(2)} s, ${result.cpu.toFixed(2)} processor s, ${Math.round(result.peak)} MiB, loss ${result.loss.toFixed(4)}`,
    );
    if (step >= 0) taken.set(name, [...(taken.get(name) ?? []), result]);
  }
}
for (const { close } of Object.values(contestants)) close();
rmSync(folder, { recursive: true });

const total = (name: string, of: (step: Step) => number) =>
  (taken.get(name) ?? []).reduce((sum, step) => sum + of(step), 0);
// The engine counts a step's tokens, TRL all tokens so far: both read the same rows.
const tokens = total("Concord", (step) => step.tokens);
const [seconds, cpu] = [(step: Step) => step.seconds, (step: Step) => step.cpu];
const peakOf = (name: string) => Math.max(...(taken.get(name) ?? []).map(({ peak }) => peak));
const exact = taken.get("TRL fp32") ?? [];
console.log(
  `${method}: ${steps} steps of ${batch} rows after one to warm up, ${tokens} tokens without padding; matrix products of ${method} steps alone would take ${((total("Concord", (step) => step.flops ?? 0) / limit / total("Concord", seconds)) * 100).toFixed(0)} % of Concord's time at this machine's ${(limit / 1e9).toFixed(0)} GFLOP/s`,
);
console.table(
  Object.fromEntries(
    Object.keys(contestants).map((name) => [
      name,
      {
        "s/step": Number((total(name, seconds) / steps).toFixed(2)),
        "tokens/s": Math.round(tokens / total(name, seconds)),
        "Concord is × faster": Number((total(name, seconds) / total("Concord", seconds)).toFixed(2)),
        "in processor time": Number((total(name, cpu) / total("Concord", cpu)).toFixed(2)),
        "peak memory, MiB": Math.round(peakOf(name)),
        "foreseen, MiB": Math.round(taken.get(name)?.[0]?.estimate ?? Number.NaN),
        "Concord's memory": `${Math.round((100 * peakOf("Concord")) / peakOf(name))} %`,
        "largest loss difference from fp32": Math.max(
          ...(taken.get(name) ?? []).map(({ loss }, i) => Math.abs(loss - (exact[i]?.loss ?? Number.NaN))),
        ).toExponential(1),
      },
    ]),
  ),
);
