/**
 * Memory: what the engine foresees of a run's peak against what its process then takes (the kernel's VmHWM), over a
 * grid of settings. SmolLM2-135M's shape with random weights, real HH helpful pairs, every run two steps of its
 * largest batch. A run that is let in must stay within what was foreseen; foreseen too much refuses runs that fit.
 * `npm run bench:memory -- [--only NAME]`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { helpfulPairs, smolModel } from "./smollm";

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });

interface Setting {
  readonly method: "sft" | "preference" | "reward";
  readonly batch: number;
  /** null: the engine decides by the budget. */
  readonly checkpointing: boolean | null;
  readonly full?: boolean;
  readonly budget?: number;
}

const grid: readonly Setting[] = [
  ...(["sft", "preference", "reward"] as const).flatMap((method) =>
    [2, 8].flatMap((batch) =>
      [true, false].map((checkpointing): Setting => ({ method, batch, checkpointing })),
    ),
  ),
  { method: "sft", batch: 16, checkpointing: true },
  { method: "sft", batch: 16, checkpointing: null, budget: 4 },
  { method: "sft", batch: 4, checkpointing: false, full: true },
  { method: "preference", batch: 4, checkpointing: true, full: true },
];

const nameOf = ({ method, batch, checkpointing, full }: Setting) =>
  `${method} ${full ? "full" : "LoRA"} batch ${batch}, checkpointing ${checkpointing ?? "as needed"}`;

const answer = z.object({ peak: z.number(), estimate: z.number() });

async function measured(setting: Setting): Promise<{ foreseen: number; taken: number }> {
  const folder = mkdtempSync(join(tmpdir(), "concord-memory-"));
  const { method, batch, checkpointing, full, budget } = setting;
  const rows = helpfulPairs("train")
    .slice(0, batch)
    .map(({ prompt, chosen, rejected }) =>
      method === "sft" ? { prompt, completion: chosen } : { prompt, chosen, rejected },
    );
  writeFileSync(join(folder, "train.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const spec = {
    method,
    model: smolModel(method === "reward" ? "score" : "causal"),
    train: join(folder, "train.jsonl"),
    output: join(folder, "output"),
    max_steps: 2,
    per_device_train_batch_size: batch,
    max_length: 1024,
    gradient_checkpointing: checkpointing,
    memory_budget_gb: budget ?? 20,
    ...(!full && { peft: { method: "lora", r: 16, lora_alpha: 32, target_modules: "all-linear" } }),
  };
  const run = join(folder, "run.yaml");
  writeFileSync(run, stringify(spec));
  const child = spawn(process.execPath, ["--import", "tsx", "tests/bench/train-steps.ts", run], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (part) => {
    printed += part;
  });
  child.stdin.end("\n\n");
  const [code] = await once(child, "close");
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`${nameOf(setting)} ended with ${code}`);
  const { peak, estimate } = answer.parse(JSON.parse(printed.trim().split("\n").at(-1) ?? ""));
  return { foreseen: estimate, taken: peak };
}

const table: Record<string, object> = {};
let worst = 0;
for (const setting of grid.filter((each) => nameOf(each).includes(values.only))) {
  const { foreseen, taken } = await measured(setting);
  worst = Math.max(worst, taken / foreseen);
  table[nameOf(setting)] = {
    "foreseen, MiB": Math.round(foreseen),
    "taken, MiB": Math.round(taken),
    "foreseen ÷ taken": Number((foreseen / taken).toFixed(2)),
  };
  console.error(nameOf(setting), table[nameOf(setting)]);
}
console.table(table);
console.log(`taken at most ${(100 * worst).toFixed(0)} % of what was foreseen`);
