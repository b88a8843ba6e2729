import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openModel } from "@/workers/engine/model-dir";
import type { Objective } from "@/workers/engine/objectives";
import * as ops from "@/workers/engine/ops";
import { pack, type Tree } from "@/workers/engine/packing";
import { modelParameters } from "@/workers/engine/parameters";
import { gradientOf, stepGraph } from "@/workers/engine/program";
import { openSafetensors, readFloat32 } from "@/workers/engine/safetensors";
import { Session } from "@/workers/engine/session";

/**
 * Tiny random models of every family: the log-probabilities of two prompts with two responses each, packed, and
 * the gradient of a weighted sum of them by every parameter, as torch computes them response by response.
 */
const golden = join(import.meta.dirname, "golden/families");
const ids = z.array(z.int());
const expectedShape = z.object({
  prompts: z.array(ids),
  responses: z.array(z.array(ids)),
  logps: z.array(z.array(z.number())),
  loss: z.number(),
});
const chunks = 3;

function objectiveOver(trees: readonly Tree[]): Objective {
  return {
    trees,
    lines: trees.map((_, index) => index + 1),
    needsReference: false,
    outcome: (model) => {
      const { logp } = model.tokens();
      const loss = ops.neg(ops.sum(ops.mul(logp, ops.input("weights", ["scored"]))));
      return { loss, metrics: { logp: { sum: logp, count: ops.constant(1) } } };
    },
    feeds: () => ({}),
    weight: () => 1,
    tokens: () => 0,
  };
}

/** ‖found − expected‖ / ‖expected‖. */
function relativeError(found: ArrayLike<number | bigint>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-12];
  for (let i = 0; i < expected.length; i++) {
    difference += (Number(found[i]) - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

const names = readdirSync(golden).filter((name) => !name.endsWith("-reward"));

describe.each(names)("%s equals torch", (name) => {
  const folder = join(golden, name);
  const expected = expectedShape.parse(JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")));
  const model = openModel(folder);
  const parameters = modelParameters(model.config);
  const trees = expected.prompts.map((prompt, i) => ({
    prompt,
    responses: expected.responses[i].map((response) => ({ ids: response })),
  }));

  it.each(["products", "layers"] as const)("keeping %s for the backward pass", async (keep) => {
    const trained = new Map(parameters.map((parameter) => [parameter.name, parameter.shape]));
    const graph = stepGraph(
      { model, adapter: null, trained, chunks },
      objectiveOver(trees),
      trees.length,
      keep,
    );
    const session = await Session.open(graph, { device: "cpu", threads: 1 });
    const packed = pack(trees, { chunks });
    const weights = new Float32Array(packed.scored);
    for (const [i, { response }] of packed.places.entries()) {
      weights.fill((i + 1) / 4, response.start, response.end);
    }
    const found = await session.run({
      ...packed.feeds,
      weights: { data: weights, dims: [weights.length] },
      ...Object.fromEntries(
        [...model.tensors].map(([key, tensor]) => [key, { data: readFloat32(tensor), dims: tensor.shape }]),
      ),
    });
    await session.release();

    expect(relativeError(found.loss.data, [expected.loss])).toBeLessThan(1e-5);
    expect(relativeError(found["sum logp"].data, expected.logps.flat())).toBeLessThan(1e-5);
    const theirs = openSafetensors(join(folder, "gradients.safetensors"));
    const wrong = [...theirs].flatMap(([key, tensor]) => {
      const error = relativeError(found[gradientOf(key)].data, readFloat32(tensor));
      return error <= 1e-4 ? [] : [`${key}: ${error}`];
    });
    expect(wrong).toEqual([]);
    expect(theirs.size).toBe(parameters.length);
  });
});
