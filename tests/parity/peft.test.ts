import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSafetensors, readFloat32 } from "@/workers/engine/file/safetensors";
import { generate } from "@/workers/engine/infer/generate";
import { openInference } from "@/workers/engine/infer/inference";
import { newAdapter, readAdapter, saveAdapter } from "@/workers/engine/model/adapter/peft";
import { openModel } from "@/workers/engine/model/directory";
import { disagreements } from "@/workers/engine/train/start";
import {
  adapterCases,
  family,
  flatten,
  golden,
  goldens,
  largestDifference,
  ours,
  temporary,
} from "./reference";

const adapters = join(golden, "adapters");
const readJson = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, "utf8"));

describe.each(adapterCases)("PEFT's $name", ({ directory, family: base, expected }) => {
  const model = openModel(family(base));

  test("computes what PEFT computes", async () => {
    const found = await ours(openInference(model.dir, directory));
    expect(largestDifference(found, flatten(expected))).toBeLessThan(1e-4);
  });

  test("is written back as PEFT wrote it", () => {
    const copy = temporary();
    saveAdapter(copy, readAdapter(directory, model.config), `../../families/${base}`, model.config);
    const [theirTensors, ourTensors] = [directory, copy].map((folder) =>
      openSafetensors(join(folder, "adapter_model.safetensors")),
    );
    expect([...ourTensors.keys()].sort()).toEqual([...theirTensors.keys()].sort());
    for (const [name, tensor] of theirTensors) {
      const own = ourTensors.get(name);
      expect(own && readFloat32(own)).toEqual(readFloat32(tensor));
    }
    const [theirConfig, ourConfig] = [directory, copy].map((folder) =>
      readJson(join(folder, "adapter_config.json")),
    );
    const unordered = (value: unknown) => (Array.isArray(value) ? [...new Set(value)].sort() : value);
    for (const [key, value] of Object.entries(ourConfig)) {
      if (key === "peft_version") continue; // ours is the version that reads it, theirs the one that wrote the golden
      expect([key, unordered(value)]).toEqual([key, unordered(theirConfig[key])]);
    }
  });
});

test("a tuned prefix is generated with as it is read with", async () => {
  const inference = openInference(family("llama"), join(adapters, "prefix"));
  const options = {
    do_sample: false,
    temperature: 1,
    top_k: 0,
    top_p: 1,
    max_new_tokens: 6,
    num_return_sequences: 1,
    seed: 1,
    stopIds: [],
    batch_size: 3,
  };
  for await (const { prompt, ids, logps } of generate(inference, goldens.prompts, options)) {
    const [[read]] = await inference.logProbabilities([
      { prompt: goldens.prompts[prompt], responses: [ids] },
    ]);
    expect(largestDifference(logps, [...read])).toBeLessThan(1e-5);
  }
  await inference.close();
});

test("a fresh adapter has PEFT's distribution and depends on nothing but seed and name", () => {
  const { config } = openModel(family("llama"));
  const settings = { method: "lora", r: 8, lora_alpha: 8, lora_dropout: 0, use_rslora: false } as const;
  const few = newAdapter(config, { ...settings, target_modules: ["q_proj"] }, 3);
  const all = newAdapter(config, { ...settings, target_modules: "all-linear" }, 3);
  const name = "model.layers.1.self_attn.q_proj.lora_A.weight";
  const a = few.tensors.get(name)?.data ?? new Float32Array();
  expect(all.tensors.get(name)?.data).toEqual(a);
  expect(Math.max(...a)).toBeLessThanOrEqual(1 / Math.sqrt(16));
  expect(Math.min(...a)).toBeLessThan(-0.2);
  expect(few.tensors.get(name.replace("lora_A", "lora_B"))?.data.every((value) => value === 0)).toBe(true);
});

test("peft and adapter agree where they mean the same layers; only keys that are written count", () => {
  const { config } = openModel(family("llama"));
  // As PEFT 0.21 writes all-linear for a model of more than two layers.
  const endings = ["gate_proj", "k_proj", "o_proj", "down_proj", "v_proj", "q_proj", "up_proj"];
  const settings = { method: "lora", r: 16, lora_alpha: 32, lora_dropout: 0, use_rslora: false } as const;
  const adapter = { ...settings, target_modules: endings };
  const agrees = { method: "lora", r: 16, lora_dropout: 0.1, target_modules: "all-linear" } as const;
  expect(disagreements(undefined, adapter, config)).toEqual([]);
  expect(disagreements(agrees, adapter, config)).toEqual([]);
  const found = disagreements(
    { method: "lora", r: 8, target_modules: ["q_proj", "v_proj"] },
    adapter,
    config,
  );
  expect(found.map((sentence) => sentence.split(" ")[0])).toEqual(["peft.r", "peft.target_modules"]);
  expect(disagreements({ method: "prefix" }, adapter, config)).toHaveLength(1);
});

test.each([
  ["use_dora", true, "use_dora is not supported"],
  ["rank_pattern", { q_proj: 4 }, "rank_pattern is not supported"],
  ["bias", "all", "bias is supported only as none"],
  ["peft_type", "IA3", "IA3 is not supported"],
  ["modules_to_save", ["embed_tokens"], "embed_tokens is not supported"],
  ["target_modules", ["q_proj", "nothing"], "nothing, which is no linear layer"],
  ["init_lora_weights", "pissa", "init_lora_weights pissa is not supported"],
  ["init_lora_weights", "pissa_niter_16", "init_lora_weights pissa_niter_16 is not supported"],
  ["init_lora_weights", "olora", "init_lora_weights olora is not supported"],
  ["init_lora_weights", "corda", "init_lora_weights corda is not supported"],
  ["init_lora_weights", "loftq", "init_lora_weights loftq is not supported"],
  ["init_lora_weights", "lora_ga", "init_lora_weights lora_ga is not supported"],
  ["target_modules", "(?i).*Q_PROJ", "only Python reads"],
  ["target_modules", "(?P<part>.*)q_proj", "only Python reads"],
  ["target_modules", "\\A.*q_proj\\Z", "only Python reads"],
  ["r", 2, "has the shape \\[4,16\\] where this model needs \\[2,16\\]"],
])("an adapter with %s %j is refused by name", (key, value, message) => {
  const directory = temporary();
  cpSync(join(adapters, "lora"), directory, { recursive: true });
  const file = join(directory, "adapter_config.json");
  writeFileSync(file, JSON.stringify({ ...readJson(file), [key]: value }));
  expect(() => readAdapter(directory, openModel(family("llama")).config)).toThrow(new RegExp(message));
});

test.each([true, false, null, "gaussian", "orthogonal", "eva"])(
  "an adapter that began as %j loads as it stands",
  (init_lora_weights) => {
    const directory = temporary();
    cpSync(join(adapters, "lora"), directory, { recursive: true });
    const file = join(directory, "adapter_config.json");
    writeFileSync(file, JSON.stringify({ ...readJson(file), init_lora_weights }));
    const { config } = openModel(family("llama"));
    expect(readAdapter(directory, config)).toEqual(readAdapter(join(adapters, "lora"), config));
  },
);

test("a regular expression in target_modules means what it means in Python", () => {
  const { config } = openModel(family("llama"));
  const { settings } = readAdapter(join(adapters, "lora"), config);
  if (settings.method !== "lora") throw new Error("not a LoRA adapter");
  const target_modules = ".*\\.layers\\.[01]\\.self_attn\\.(q|v)_proj";
  expect([...newAdapter(config, { ...settings, target_modules }, 1).tensors.keys()]).toEqual([
    ...newAdapter(config, { ...settings, target_modules: ["q_proj", "v_proj"] }, 1).tensors.keys(),
  ]);
});
