import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openInference } from "@/workers/engine/infer/inference";
import { openModel } from "@/workers/engine/model/directory";
import { adapterCases, family, flatten, golden, largestDifference, merged, ours } from "./reference";

const cases = adapterCases.filter(({ name }) => !name.startsWith("prefix"));

describe.each(cases)("$name merged", ({ directory, family: base, expected }) => {
  test("computes what the adapter computes", async () => {
    const found = await ours(openInference(merged(base, directory)));
    expect(largestDifference(found, flatten(expected))).toBeLessThan(1e-4);
  });
});

test("a reward model of a family for which transformers has no class is refused", () => {
  expect(() => openModel(family("granite"), "score")).toThrow(
    /no class for reward models of the family granite/,
  );
});

test("a prefix cannot be merged", () => {
  expect(() => merged("llama", join(golden, "adapters/prefix"))).toThrow(/A prefix cannot be merged/);
});
