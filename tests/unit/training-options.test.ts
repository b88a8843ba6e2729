import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clonedPeft, clonedSpec, launchOptions } from "@/app/components/training/launch";
import { optionsOf } from "@/app/components/training/options";
import { originOf, presetNames, presetOptions, presetPeft } from "@/app/components/training/presets";
import { trainingMethods } from "@/db/shape/training";
import { managedKeys } from "@/server/training/schema";
import { runShapes } from "@/workers/engine/spec/options";
import { announcedOptions, engineOptions } from "@/workers/training/engines";

it("offers every option that the engine describes, in a form that a person can fill in", () => {
  const described = announcedOptions();
  // Whatever is announced can be launched: grpo is trained from the command line alone.
  expect(Object.keys(described)).toEqual(trainingMethods);
  for (const method of trainingMethods) {
    const options = new Map(optionsOf(described[method], managedKeys).map((option) => [option.name, option]));
    expect(options.size).toBeGreaterThan(30);
    expect(options.get("learning_rate")).toMatchObject({ kind: "number" });
    expect(options.get("per_device_train_batch_size")).toMatchObject({
      kind: "whole",
      standard: 8,
      minimum: 1,
    });
    expect(options.get("gradient_checkpointing")).toMatchObject({ kind: "yes_no" });
    expect(options.get("lr_scheduler_type")?.choices).toContain("cosine");
    expect([...options.values()].filter(({ description }) => !description)).toEqual([]);
  }
});

describe("a run that is cloned and started untouched", () => {
  const described = engineOptions();
  const shown = (method: string) =>
    new Set(optionsOf(described[method], managedKeys).map(({ name }) => name));
  const started = (kind: string, options: Record<string, unknown>) => {
    const before = clonedSpec({ kind, spec: { name: "again", options } });
    if (!before) throw new Error("it is cloned");
    const { options: values } = before;
    return launchOptions({ values, peft: clonedPeft(before), known: shown(kind), kept: values });
  };

  it.each(trainingMethods)("says of %s what it said, option by option, and nothing else", (method) => {
    expect(started(method, {})).toEqual({});
    const shape = z.looseObject({ properties: z.record(z.string(), z.unknown()) }).parse(described[method]);
    // Whatever a value is, the form hands it on while nobody touches it.
    for (const value of [null, false, 0, 7, "text", ["sigmoid", "sft"], { deep: [1] }]) {
      const options = Object.fromEntries(
        Object.keys(shape.properties)
          .filter((name) => name !== "peft" && !managedKeys.some((key) => key === name))
          .map((name) => [name, value]),
      );
      expect(started(method, options)).toEqual(options);
    }
    // Of a worker that is gone, or of a cluster that is set no more.
    expect(started(method, { option_of_tomorrow: 1 })).toEqual({ option_of_tomorrow: 1 });
  });

  it("trains every weight where it did, and keeps all settings of an adapter", () => {
    const adapters = [
      { method: "none" },
      {
        method: "lora",
        r: 4,
        lora_alpha: 8,
        lora_dropout: 0.1,
        use_rslora: true,
        target_modules: ["q_proj"],
      },
      { method: "prefix", num_virtual_tokens: 7 },
    ];
    for (const peft of adapters) expect(started("sft", { peft })).toEqual({ peft });
    expect(started("sft", { learning_rate: 1e-5 })).toEqual({ learning_rate: 1e-5 });
  });
});

describe("what a form proposes", () => {
  const made = { method: "base", format: "full", source: { kind: "run" }, baseId: null, parentId: null };
  const newborn = { ...made, id: "newborn" };
  const pupil = { ...made, id: "pupil", method: "sft", baseId: "newborn", parentId: "newborn" };
  const adapter = { ...pupil, id: "adapter", format: "adapter" };
  const fetched = { ...made, id: "fetched", source: { kind: "hub" } };
  const tuned = { ...pupil, id: "tuned", baseId: "fetched", parentId: "fetched" };
  const models = [newborn, pupil, adapter, fetched, tuned];

  it("follows from where the weights come from, through all that they were made from", () => {
    expect(models.map((model) => originOf(model, models))).toEqual([
      ...["nothing", "nothing", "adapter", "pretrained", "pretrained"],
    ]);
    // What it was made from is archived: nobody knows, and the smaller rates hold.
    expect(originOf(pupil, [pupil])).toBe("pretrained");
  });

  it("trains random weights in full and those of others by an adapter, with options that each method has", () => {
    expect(presetPeft("nothing")).toEqual({ method: "none" });
    expect(presetPeft("pretrained")).toMatchObject({ method: "lora" });
    for (const method of trainingMethods)
      for (const origin of ["nothing", "pretrained", "adapter"] as const)
        for (const name of presetNames) {
          const options = presetOptions(name, method, origin);
          const given = { ...options, method, model: ".", train: ".", output: "." };
          expect(runShapes[method].parse(given)).toMatchObject(options);
        }
  });
});
