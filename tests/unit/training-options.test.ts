import { expect, it } from "vitest";
import { optionsOf } from "@/app/components/training/options";
import { managedKeys, trainingMethods } from "@/server/training/schema";
import { announcedOptions } from "@/workers/training/engines";

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
