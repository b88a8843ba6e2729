import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { heldOutSchema } from "@/db/shape/model";
import { nightly } from "@/tests/nightly";
import { NO_PYTHON, referencePython } from "@/tests/python";
import type { AdapterSettings } from "@/workers/engine/model/adapter/peft";
import { readRunSpec } from "@/workers/engine/spec/file";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import type { RunEvent } from "@/workers/engine/train/events";
import { modelCard } from "@/workers/engine/train/model-card";
import { train } from "@/workers/engine/train/train";
import { declarationFile, declarationText } from "@/workers/training/torch-declaration";
import { faultyRuns } from "../unit/faulty-runs";
import { lossRuns, writeRun } from "./every-loss";

/**
 * The torch engine reads the same run.yaml and gives the same numbers as ours: the same rows in the same shuffled
 * order, the same losses, adapters that either engine continues.
 */
const golden = join(import.meta.dirname, "golden/trajectories");
const python = referencePython();
const scratch = mkdtempSync(join(tmpdir(), "concord-torch-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const environment = {
  ...process.env,
  XDG_CACHE_HOME: join(scratch, "cache"),
  OMP_NUM_THREADS: "1",
};

describe("the declaration of run.yaml", () => {
  it("is the one that the Python package reads; node --import tsx workers/training/torch-declaration.ts writes it", () => {
    expect(readFileSync(declarationFile, "utf8")).toBe(declarationText());
  });
});

/** Requests to one Python process, answered in turn. */
class TorchEngine {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #ended: Promise<never>;
  #complaint = "";

  constructor(command: string) {
    const child = spawn(command, [join(import.meta.dirname, "torch_runs.py")], { env: environment });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2000);
    });
    this.#lines = createInterface({ input: child.stdout });
    this.#child = child;
    this.#ended = once(child, "exit").then(() => Promise.reject(new Error(this.#complaint)));
    this.#ended.catch(() => {});
  }

  async ask(request: object): Promise<unknown> {
    const answered = once(this.#lines, "line");
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const [line] = await Promise.race([answered, this.#ended]);
    return JSON.parse(String(line));
  }

  async run(spec: string): Promise<void> {
    expect(await this.ask({ run: spec })).toEqual({ end: "done" });
  }

  end(): void {
    this.#child.kill();
  }
}

const line = z.looseObject({ type: z.string() });
const step = z.object({ step: z.int() }).catchall(z.number());
type Step = z.infer<typeof step>;

function stepsOf(spec: string, wanted = "metrics"): Step[] {
  return readFileSync(join(dirname(spec), "out/events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((json) => line.parse(JSON.parse(json)))
    .filter(({ type }) => type === wanted)
    .map(({ type: _type, time: _time, held_out: _counted, ...metrics }) => step.parse(metrics));
}

const evaluation = z.looseObject({ held_out: heldOutSchema });

/** What each evaluation of a run counted. */
const countsOf = (spec: string) =>
  readFileSync(join(dirname(spec), "out/events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((json) => line.parse(JSON.parse(json)))
    .filter(({ type }) => type === "eval")
    .map((event) => evaluation.parse(event).held_out);

/** A golden run.yaml as `folder/run.yaml`, with absolute paths and these changes. */
function copiedRun(name: string, folder: string, changes: Record<string, unknown>): string {
  const source = join(golden, name);
  const values = z
    .record(z.string(), z.unknown())
    .parse(parse(readFileSync(join(source, "run.yaml"), "utf8")));
  const absolute = Object.fromEntries(
    ["model", "adapter", "train"].flatMap((key) =>
      typeof values[key] === "string" ? [[key, resolve(source, values[key])]] : [],
    ),
  );
  const target = join(scratch, folder);
  mkdirSync(target, { recursive: true });
  const spec = join(target, "run.yaml");
  writeFileSync(spec, stringify({ ...values, ...absolute, output: "out", ...changes }));
  return spec;
}

async function trainHere(spec: string): Promise<void> {
  const quiet = { shouldStop: () => false, onStep: () => {}, onMessage: () => {} };
  expect(await train(readRunSpec(spec), { resume: false, ...quiet })).toBe("done");
}

const away = (a: number | undefined, b: number | undefined) =>
  Math.abs((a ?? Number.NaN) - (b ?? Number.NaN)) / Math.max(1, Math.abs(b ?? Number.NaN));

/** What differs between the curves of the two engines. */
function differences(ours: readonly Step[], theirs: readonly Step[], tolerance: number): string[] {
  const exact = ["step", "num_tokens"];
  const close = ["loss", "epoch", "learning_rate", "logps/chosen", "rewards/margins", "mean_reward", "kl"];
  return theirs.flatMap((their, i) => {
    const our = ours[i];
    const names = [
      ...exact.filter((name) => our?.[name] !== their[name]),
      ...close.filter((name) => their[name] !== undefined && !(away(our?.[name], their[name]) <= tolerance)),
      ...(away(our?.grad_norm, their.grad_norm) <= 1e-2 ? [] : ["grad_norm"]),
    ];
    return names.map((name) => `step ${their.step} ${name}: ${our?.[name]} here, ${their[name]} on torch`);
  });
}

const cases = ["sft-full-qwen2", "sft-messages-qwen3", "reward-llama", "dpo-sigmoid-llama", "kto-qwen2"];
if (nightly)
  cases.push("sft-llama", "sft-full-llama", "reward-qwen3", "dpo-ipo-qwen2", "dpo-mpo-qwen3", "orpo-qwen3");

/** What the golden runs leave at its default, and what happens to be one there. */
const changed: [string, Record<string, unknown>][] = [
  ["sft-llama", { completion_only_loss: false, lr_scheduler_type: "cosine", warmup_steps: 0.3 }],
  ["sft-llama", { packing: true, packing_strategy: "wrapped", max_length: 48 }],
  ["dpo-sigmoid-llama", { ld_alpha: 0.5, gradient_checkpointing: true, per_device_eval_batch_size: 3 }],
  ["dpo-sigmoid-llama", { loss_type: ["simpo"], simpo_gamma: 1, num_train_epochs: 1, max_steps: -1 }],
];
const changedAtNight: typeof changed = [
  ["sft-llama", { gradient_checkpointing: true, adam_beta1: 0.8, adam_beta2: 0.95, adam_epsilon: 1e-4 }],
  ["sft-llama", { packing: true, packing_strategy: "bfd_split", max_length: 48, max_grad_norm: 0.1 }],
  ["sft-full-llama", { weight_decay: 0.1, max_grad_norm: 0, lr_scheduler_type: "constant_with_warmup" }],
  ["dpo-sigmoid-llama", { f_divergence_type: "alpha_divergence", f_alpha_divergence_coef: 0.3 }],
  ["dpo-sigmoid-llama", { loss_type: ["discopop"], discopop_tau: 0.1 }],
  ["dpo-sigmoid-llama", { loss_type: ["sigmoid", "sft"], loss_weights: [1, 0.3], max_length: 24 }],
  ["dpo-sigmoid-llama", { loss_type: ["robust"], label_smoothing: 0.2, use_weighting: true }],
  ["dpo-sigmoid-llama", { loss_type: ["cpo"], cpo_alpha: 0.5 }],
  ["reward-llama", { center_rewards_coefficient: 0.1, max_length: 30 }],
  ["kto-llama", { desirable_weight: 2, undesirable_weight: 0.5, beta: 0.5 }],
];
if (nightly) changed.push(...changedAtNight);

if (python === null) console.log(`The torch engine's tests are skipped: ${NO_PYTHON}.`);

describe.skipIf(python === null)("the torch engine", () => {
  let engine: TorchEngine;
  beforeAll(() => {
    engine = new TorchEngine(python ?? "");
  });
  afterAll(() => engine.end());

  it("finds the same faults in a run.yaml, in the same words", async () => {
    const base = { method: "preference", model: "m", train: "t", output: "o" };
    const faulty = [
      {},
      { method: "nonsense" },
      { method: "sft" },
      { ...base, learning_rat: 1 },
      { ...base, wholly_unknown: 1 },
      { ...base, packing: true },
      { ...base, peft: { method: "lora", rank: 4 } },
      { ...base, beta: "high" },
      { ...base, beta: 0 },
      { ...base, lr_scheduler_type: "step" },
      { ...base, num_train_epochs: -1, logging_steps: 0.5 },
      // What TRL lacks is refused besides, in a sentence of the torch engine's own.
      ...faultyRuns,
    ];
    const answer = z
      .object({ problems: z.array(z.array(z.tuple([z.string(), z.string()]))) })
      .parse(await engine.ask({ check: faulty }));
    const ours = faulty.map((spec) => parseRunSpec(spec).problems.map(({ key, message }) => [key, message]));
    // Each engine lists the methods that it has.
    const listed = (problems: unknown) => JSON.parse(JSON.stringify(problems).replaceAll(", grpo", ""));
    const shared = answer.problems.map((problems) =>
      problems.filter(([, sentence]) => !sentence.startsWith("TRL ")),
    );
    expect(listed(shared)).toEqual(ours);
  });

  const losses = mkdtempSync(join(scratch, "losses-"));
  it.each(lossRuns("torch", losses))("$name trains, which every-loss.test.ts does here", async (run) => {
    await engine.run(writeRun(run, losses));
  });

  const lora: AdapterSettings = {
    method: "lora",
    r: 4,
    lora_alpha: 8,
    lora_dropout: 0,
    target_modules: "all-linear",
    use_rslora: false,
  };
  const carded: [name: string, options: object, adapter: AdapterSettings | null][] = [
    ["a LoRA adapter", { method: "preference", loss_type: ["sigmoid"], peft: lora }, lora],
    ["all weights of a reward model", { method: "reward" }, null],
  ];
  it.each(carded)("writes the card that ours writes: %s", async (name, options, adapter) => {
    const folder = join(scratch, "cards", name.replaceAll(" ", "-"));
    const output = join(folder, "out");
    mkdirSync(output, { recursive: true });
    const file = join(folder, "run.yaml");
    const places = {
      model: "lab/tiny",
      train: join(folder, "t.jsonl"),
      eval: join(folder, "e.jsonl"),
      output,
    };
    writeFileSync(
      file,
      stringify({ ...options, ...places, engine: "torch", learning_rate: 0.00001, beta: undefined, seed: 7 }),
    );
    const events: RunEvent[] = [
      { type: "log", level: "warning", message: "t.jsonl: dropped 3 rows because they are too long." },
      {
        type: "metrics",
        step: 4,
        epoch: 1,
        loss: 0.512345678,
        learning_rate: 0.0000025,
        "rewards/margins": 0.1,
      },
      {
        type: "eval",
        step: 4,
        epoch: 1,
        eval_loss: 0.6,
        held_out: { scored: 1, dropped: 2, right: 1, compared: 1, means: { "rewards/margins": 0.25 } },
      },
    ];
    writeFileSync(join(output, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const rows = { train: 1200, eval: 1 };
    const { card } = z.object({ card: z.string() }).parse(await engine.ask({ card: file, rows, step: 4 }));
    const spec = readRunSpec(file);
    const [theirFront, theirText] = card.split(/^---\n/m).slice(1);
    const [ourFront, ourText] = modelCard({ spec, adapter, rows, step: 4 }, events)
      .split(/^---\n/m)
      .slice(1);
    expect(parse(theirFront)).toEqual(parse(ourFront));
    expect(theirText).toBe(ourText);
  });

  it.each(cases)(
    "%s: 30 shuffled steps are ours, and either engine continues the other's adapter",
    async (name) => {
      const changes = { max_steps: 30, shuffle: true, seed: 7, logging_steps: 1 };
      const [here, there] = [
        copiedRun(name, `${name}/onnx`, changes),
        copiedRun(name, `${name}/torch`, changes),
      ];
      await Promise.all([trainHere(here), engine.run(there)]);
      expect(stepsOf(there)).toHaveLength(30);
      expect(differences(stepsOf(here), stepsOf(there), 1e-3)).toEqual([]);

      const adapter = existsSync(join(dirname(here), "out/output/adapter_config.json"));
      for (const from of [here, there]) {
        const result = join(dirname(from), "out/output");
        const more = { max_steps: 3, [adapter ? "adapter" : "model"]: result };
        const folder = `${name}/after-${from === here ? "onnx" : "torch"}`;
        const [a, b] = [copiedRun(name, `${folder}/onnx`, more), copiedRun(name, `${folder}/torch`, more)];
        await Promise.all([trainHere(a), engine.run(b)]);
        expect(differences(stepsOf(a), stepsOf(b), 1e-4)).toEqual([]);
      }
    },
  );

  it.each(changed)("%s with %j: steps and evaluations are ours", async (name, options) => {
    const folder = `${name}/${Object.keys(options).join("-")}`;
    const changes = { max_steps: 6, eval: join(golden, name, "train.jsonl"), eval_steps: 3, ...options };
    const [here, there] = [
      copiedRun(name, `${folder}/onnx`, changes),
      copiedRun(name, `${folder}/torch`, changes),
    ];
    await Promise.all([trainHere(here), engine.run(there)]);
    expect(differences(stepsOf(here), stepsOf(there), 1e-4)).toEqual([]);
    const evaluations = stepsOf(there, "eval").map(({ step, eval_loss }) => [step, eval_loss]);
    expect(evaluations.length).toBeGreaterThan(1);
    expect(countsOf(here)).toEqual(countsOf(there));
    expect(stepsOf(here, "eval").map(({ step }) => step)).toEqual(evaluations.map(([step]) => step));
    for (const [i, { eval_loss }] of stepsOf(here, "eval").entries())
      expect(eval_loss).toBeCloseTo(evaluations[i]?.[1] ?? Number.NaN, 4);
  });
});
