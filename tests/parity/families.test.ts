import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compareWithTorch, familyGoldens } from "./family-check";

const names = readdirSync(familyGoldens).filter((name) =>
  existsSync(join(familyGoldens, name, "gradients.safetensors")),
);

describe.each(names)("%s equals torch", (name) => {
  it.each(["products", "layers"] as const)("keeping %s for the backward pass", async (keep) => {
    const { loss, logp, gradients, products } = await compareWithTorch(name, keep, "cpu");
    expect(loss).toBeLessThan(1e-5);
    expect(logp).toBeLessThan(1e-5);
    // Forward and two gradients of each; then attention's scores and the head again, or the whole layer.
    expect(products).toBeLessThanOrEqual(keep === "products" ? 3.6 : 4);
    expect(Object.entries(gradients).filter(([, error]) => !(error <= 1e-4))).toEqual([]);
  });
});
