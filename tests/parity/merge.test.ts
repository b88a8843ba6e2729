import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { openInference } from "@/workers/engine/infer/inference";
import { mergeAdapter } from "@/workers/engine/model/adapter/merge";
import { readAdapter } from "@/workers/engine/model/adapter/peft";
import { openModel, saveModel } from "@/workers/engine/model/directory";
import {
  expectedShape,
  family,
  flatten,
  golden,
  largestDifference,
  liveFamilies,
  ours,
  temporary,
  theirs,
} from "./reference";

const adapters = join(golden, "adapters");
const cases = readdirSync(adapters)
  .filter((name) => !name.startsWith("prefix"))
  .map((name) => {
    const directory = join(adapters, name);
    const expected: unknown = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8"));
    return { name, directory, expected, ...expectedShape.parse(expected) };
  });

function merge(base: string, adapter: string): string {
  const merged = temporary();
  const model = openModel(family(base));
  // Ids above those of the golden prompts, so that nothing is taken for padding.
  const config = { ...model.config, pad_token_id: model.config.vocab_size - 1 };
  mergeAdapter(merged, { ...model, config }, readAdapter(adapter, model.config));
  return merged;
}

describe.each(cases)("$name merged", ({ directory, family: base, expected }) => {
  test("computes what the adapter computes", async () => {
    const found = await ours(openInference(merge(base, directory)));
    expect(largestDifference(found, flatten(expected))).toBeLessThan(1e-4);
  });
});

test.skipIf(referencePython() === null)(
  `merged models load in transformers (${referencePython() ? "live" : NO_PYTHON})`,
  () => {
    const made = cases.map(({ family: base, directory, head }) => ({
      model: merge(base, directory),
      adapter: null,
      head,
    }));
    for (const [index, found] of theirs(made).entries()) {
      const { name, expected } = cases[index];
      expect(largestDifference(found, flatten(expected)), name).toBeLessThan(1e-4);
    }
  },
);

test.skipIf(referencePython() === null)(
  `a family as it is saved loads in transformers (${referencePython() ? "live" : NO_PYTHON})`,
  async () => {
    const made = liveFamilies.map((name) => {
      const directory = temporary();
      saveModel(directory, { model: openModel(family(name)), values: () => undefined });
      return { name, model: directory, adapter: null, head: "causal" as const };
    });
    const found = theirs(made);
    for (const [index, { name, model }] of made.entries()) {
      const difference = largestDifference(await ours(openInference(model)), found[index]);
      expect(difference, name).toBeLessThan(1e-4);
    }
  },
);

test("a reward model of a family for which transformers has no class is refused", () => {
  expect(() => openModel(family("granite"), "score")).toThrow(
    /no class for reward models of the family granite/,
  );
});

test("a prefix cannot be merged", () => {
  expect(() => merge("llama", join(adapters, "prefix"))).toThrow(/A prefix cannot be merged/);
});
