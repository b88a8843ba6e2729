import { beforeAll, describe, expect, test } from "vitest";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { openInference } from "@/workers/engine/infer/inference";
import {
  type Adapter,
  type AdapterSettings,
  newAdapter,
  readAdapter,
  saveAdapter,
} from "@/workers/engine/model/adapter/peft";
import type { ModelConfig } from "@/workers/engine/model/config";
import { openModel, saveModel } from "@/workers/engine/model/directory";
import {
  adapterCases,
  family,
  flatten,
  largestDifference,
  liveFamilies,
  merged,
  ours,
  temporary,
  theirs,
} from "./reference";

/** What we write, in the libraries themselves. One Python reads all of it: to import them takes it ten seconds. */
interface Written {
  readonly name: string;
  readonly model: string;
  readonly adapter: string | null;
  readonly head: ModelConfig["head"];
  /** What PEFT computed when the golden was made, or what we compute from the same files. */
  expected(): Promise<number[]> | number[];
}

/** The adapter with noise in every number: a fresh LoRA changes nothing, so it would prove nothing. */
function disturbed({ settings, tensors }: Adapter): Adapter {
  const noisy = [...tensors].map(([name, { shape, data }]) => {
    return [name, { shape, data: data.map((value, index) => value + 0.3 * Math.sin(index + 1)) }] as const;
  });
  return { settings, tensors: new Map(noisy) };
}

function ownAdapter(
  name: string,
  base: string,
  head: ModelConfig["head"],
  settings: AdapterSettings,
): Written {
  const model = openModel(family(base));
  const config: ModelConfig = { ...model.config, head };
  const adapter = temporary();
  saveAdapter(adapter, disturbed(newAdapter(config, settings, 7)), model.dir, config);
  return { name, model: model.dir, adapter, head, expected: () => ours(openInference(model.dir, adapter)) };
}

const everyLayer: AdapterSettings = {
  method: "lora",
  r: 3,
  lora_alpha: 6,
  lora_dropout: 0,
  use_rslora: false,
  target_modules: "all-linear",
};

const groups: Readonly<Record<string, () => Written[]>> = {
  "our own adapters of every kind load in PEFT": () =>
    adapterCases
      // PEFT 0.21.2 looks for past_key_values in front of a classifier, which transformers 5.24 calls cache.
      .filter(({ name }) => name !== "prefix-reward")
      .map(({ name, directory, family: base, head }) =>
        ownAdapter(name, base, head, readAdapter(directory, openModel(family(base)).config).settings),
      ),
  "our own adapters of every layer of a family load in PEFT": () =>
    liveFamilies.map((base) => ownAdapter(base, base, "causal", everyLayer)),
  "merged models load in transformers": () =>
    adapterCases
      .filter(({ name }) => !name.startsWith("prefix"))
      .map(({ name, directory, family: base, head, expected }) => ({
        name,
        model: merged(base, directory),
        adapter: null,
        head,
        expected: () => flatten(expected),
      })),
  "a family as it is saved loads in transformers": () =>
    liveFamilies.map((name) => {
      const model = temporary();
      saveModel(model, { model: openModel(family(name)), values: () => undefined });
      return { name, model, adapter: null, head: "causal", expected: () => ours(openInference(model)) };
    }),
};

describe.skipIf(referencePython() === null)(referencePython() ? "live" : NO_PYTHON, () => {
  const found = new Map<string, { written: Written; theirs: number[] }[]>();
  beforeAll(() => {
    const all = Object.entries(groups).flatMap(([group, make]) =>
      make().map((written) => ({ group, written })),
    );
    const answers = theirs(all.map(({ written: { model, adapter, head } }) => ({ model, adapter, head })));
    for (const [index, { group, written }] of all.entries())
      found.set(group, [...(found.get(group) ?? []), { written, theirs: answers[index] }]);
  }, 900_000);

  test.each(Object.keys(groups))("%s", async (group) => {
    const compared = found.get(group) ?? [];
    expect(compared.length).toBeGreaterThan(0);
    for (const { written, theirs } of compared)
      expect(largestDifference(await written.expected(), theirs), written.name).toBeLessThan(1e-4);
  });
});
