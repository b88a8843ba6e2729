import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type LossFacts, lossCatalog } from "@/workers/engine/loss/catalog";
import { readRunSpec } from "@/workers/engine/spec/file";
import { methods, runShapes } from "@/workers/engine/spec/options";
import { rules } from "@/workers/engine/spec/rules";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { faultyRuns, isSentenceOf } from "./faulty-runs";

const run = (options: Record<string, unknown>) =>
  parseRunSpec({ method: "preference", model: "m", train: "t", output: "o", ...options });

/** The keys of the problems, and that each message names its key. */
function problemKeys(options: Record<string, unknown>): string[] {
  const { problems } = run(options);
  for (const { key, message } of problems) expect(message).toContain(key.split(".")[0]);
  return problems.map(({ key }) => key);
}

describe("defaults are TRL 1.16's", () => {
  it.each([
    ["sft", 2e-5],
    ["reward", 1e-4],
    ["preference", 1e-6],
    ["kto", 1e-6],
  ] as const)("%s", (method, learning_rate) => {
    const { spec } = run({ method });
    expect(spec).toMatchObject({
      learning_rate,
      per_device_train_batch_size: 8,
      gradient_accumulation_steps: 1,
      num_train_epochs: 3,
      max_length: 1024,
      max_grad_norm: 1,
      weight_decay: 0,
      lr_scheduler_type: "linear",
      warmup_steps: 0,
      logging_steps: 10,
      seed: 42,
      shuffle: method !== "kto",
    });
  });

  it("takes a single loss as a list of one", () => {
    expect(run({ loss_type: "ipo" }).spec).toMatchObject({ loss_type: ["ipo"], beta: 0.1 });
  });
});

describe("problems name the key", () => {
  it.each([
    ["an unknown key", { learning_rat: 1 }, ["learning_rat"]],
    ["another method's key", { packing: true }, ["packing"]],
    ["a wrong type", { learning_rate: "fast" }, ["learning_rate"]],
    ["an unknown loss", { loss_type: ["dpo"] }, ["loss_type.0"]],
    ["an unknown key of peft", { peft: { method: "lora", rank: 8 } }, ["peft.rank"]],
    [
      "weights for another number of losses",
      { loss_type: ["sigmoid", "sft"], loss_weights: [1] },
      ["loss_weights"],
    ],
    ["exo_pair without label smoothing", { loss_type: ["exo_pair"] }, ["label_smoothing"]],
    [
      "label smoothing that nothing uses",
      { loss_type: ["hinge"], label_smoothing: 0.1 },
      ["label_smoothing"],
    ],
    [
      "a divergence that the loss cannot have",
      { loss_type: ["aot"], f_divergence_type: "forward_kl" },
      ["f_divergence_type"],
    ],
    ["slic without its margin", { loss_type: ["slic"], slic_lambda: 0.1 }, ["slic_delta"]],
    ["weights of pairs that the loss sorts", { loss_type: ["aot"], use_weighting: true }, ["use_weighting"]],
    ["an option without its loss", { simpo_gamma: 1 }, ["simpo_gamma"]],
    ["a reference option without a reference", { loss_type: ["orpo"], rpo_alpha: 1 }, ["rpo_alpha"]],
    ["ranked and paired losses together", { loss_type: ["rrhf", "sigmoid"] }, ["loss_type"]],
    ["an adapter that nothing trains", { adapter: "a", peft: { method: "none" } }, ["peft"]],
    ["evaluation without rows", { eval_steps: 10 }, ["eval_steps"]],
    ["a torch option on onnx", { devices: 2 }, ["devices"]],
  ])("%s", (_name, options, keys) => {
    expect(problemKeys(options)).toEqual(keys);
  });

  it.each(rules)("$key: $message", (rule) => {
    const broken = faultyRuns.filter((content) =>
      parseRunSpec(content).problems.some(
        ({ key, message }) => key === rule.key && isSentenceOf(rule, message),
      ),
    );
    expect(broken.length).toBeGreaterThan(0);
    expect(run({ loss_type: ["sigmoid", "bco_pair"], loss_weights: [1, 2], rpo_alpha: 1 }).problems).toEqual(
      [],
    );
  });

  it("no value is left out of a sentence", () => {
    const sentences = faultyRuns.flatMap((content) => parseRunSpec(content).problems);
    expect(sentences.filter(({ message }) => /[{}]|undefined|null/.test(message))).toEqual([]);
    expect(sentences.map(({ message }) => message)).toContain(
      "loss_weights has 1 entries for 2 losses: give one weight for each.",
    );
    expect(sentences.map(({ message }) => message)).toContain(
      "ld_alpha belongs to losses with a reference model and orpo has none: remove one of them.",
    );
  });

  it("suggests the option that was meant", () => {
    expect(run({ bet: 0.2 }).problems[0]?.message).toContain("did you mean beta?");
  });

  it("missing keys are named one by one", () => {
    expect(parseRunSpec({ method: "sft" }).problems.map(({ key }) => key)).toEqual([
      "model",
      "train",
      "output",
    ]);
  });
});

it("paths are relative to the file", () => {
  const directory = mkdtempSync(join(tmpdir(), "concord-spec-"));
  const file = join(directory, "run.yaml");
  writeFileSync(
    file,
    "method: sft\nmodel: ../models/a\ntrain: train.jsonl\noutput: out\nlearning_rate: 1e-3\n",
  );
  expect(readRunSpec(file)).toMatchObject({
    model: join(directory, "../models/a"),
    train: join(directory, "train.jsonl"),
    output: join(directory, "out"),
    learning_rate: 1e-3,
    eval: null,
  });
});

it("every loss that is announced stands in the table of what it is held to, with tests that exist", () => {
  const parity = resolve(import.meta.dirname, "../parity");
  const table = readFileSync(join(parity, "README.md"), "utf8").split("\n");
  for (const method of methods) {
    const rows = table.filter((line) => line.startsWith(`| ${method} |`));
    const named = rows.flatMap((line) =>
      [...(line.split("|")[2] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    const { loss_type } = z.toJSONSchema(runShapes[method], { io: "input" }).properties ?? {};
    const announced = z.object({ items: z.object({ enum: z.array(z.string()) }) }).parse(loss_type);
    expect(named.sort(), method).toEqual(announced.items.enum.sort());
  }
  const tests = new Set([...table.join("\n").matchAll(/`(\w+\.test\.ts)`/g)].map(([, name]) => name));
  expect(tests.size).toBeGreaterThan(5);
  for (const name of tests) expect(existsSync(join(parity, name)), name).toBe(true);
});

it.each(methods)("every option of a %s run explains itself", (method) => {
  const schema = z.toJSONSchema(runShapes[method], { io: "input" });
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    expect(option, name).toHaveProperty("description");
  }
});

it("a loss is named in loss/ and as an option's default, nowhere else in the engine", () => {
  const names = Object.values(lossCatalog).flatMap((catalog) => Object.keys(catalog));
  const alone = names.filter((name) => !["sft", "kto", "nll"].includes(name)); // methods and measures have these names too
  const literal = new RegExp(`["'\`](?:${alone.join("|")})["'\`]`, "g");
  const engine = "workers/engine";
  const found = readdirSync(engine, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.startsWith("loss/"))
    .flatMap(
      (path) =>
        readFileSync(join(engine, path), "utf8")
          .match(literal)
          ?.map((name) => [path, name]) ?? [],
    );
  expect(found).toEqual([
    ["spec/options.ts", '"bradley_terry"'],
    ["spec/options.ts", '"sigmoid"'],
  ]);
});

it.each(Object.values(lossCatalog).flatMap((catalog) => Object.entries<LossFacts>(catalog)))(
  "the loss %s says where its formula comes from",
  (name, { formula }) => {
    if (["nll", "chunked_nll"].includes(name)) return;
    expect(formula).toMatch(/\d{4}.*\(?\d{4}\.\d{5}\)?/);
  },
);
