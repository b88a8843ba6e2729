import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { openSafetensors, readFloat32 } from "@/workers/engine/file/safetensors";
import { is, topological, type Value } from "@/workers/engine/graph/graph";
import * as ops from "@/workers/engine/graph/ops";
import { type Device, Session } from "@/workers/engine/graph/session";
import { openModel } from "@/workers/engine/model/directory";
import { modelParameters } from "@/workers/engine/model/modules";
import type { Objective } from "@/workers/engine/objective";
import { pack, type Tree } from "@/workers/engine/rows/packing";
import {
  evaluationGraph,
  gradientOf,
  type Keep,
  type Outputs,
  stepGraph,
} from "@/workers/engine/train/program";

export const familyGoldens = resolve("tests/parity/golden/families");

const ids = z.array(z.int());
const expectedShape = z.object({
  prompts: z.array(ids),
  responses: z.array(z.array(ids)),
  logps: z.array(z.array(z.number())),
  loss: z.number(),
});
const chunks = 3;

export interface FamilyErrors {
  readonly loss: number;
  readonly logp: number;
  /** Matrix products of a step, for each of the forward pass. */
  readonly products: number;
  /** By parameter; every parameter of the model is there. */
  readonly gradients: Readonly<Record<string, number>>;
}

/**
 * Runs a tiny random model of a family on two prompts with two responses each, packed, and compares with what torch
 * computed response by response (make_family_goldens.py): log-probabilities, a weighted sum of them, and its
 * gradient by every parameter. Errors are relative: ‖found − expected‖ / ‖expected‖.
 */
export async function compareWithTorch(name: string, keep: Keep, device: Device): Promise<FamilyErrors> {
  const folder = join(familyGoldens, name);
  const expected = expectedShape.parse(JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")));
  const model = openModel(folder);
  const trained = new Map(
    modelParameters(model.config).map((parameter) => [parameter.name, parameter.shape]),
  );
  const trees = expected.prompts.map((prompt, i) => ({
    prompt,
    responses: expected.responses[i].map((response) => ({ ids: response })),
  }));
  const options = { model, adapter: null, trained, chunks };
  const graph = stepGraph(options, weighted(trees), trees.length, keep);
  const forward = evaluationGraph(options, weighted(trees), trees.length);
  const packed = pack(trees, { chunks });
  const weights = new Float32Array(packed.scored);
  for (const [i, { response }] of packed.places.entries())
    weights.fill((i + 1) / 4, response.start, response.end);

  const session = await Session.open(graph, { device, threads: 1 });
  const found = await session.run({
    ...packed.feeds,
    weights: { data: weights, dims: [weights.length] },
    ...Object.fromEntries(
      [...model.tensors].map(([key, tensor]) => [key, { data: readFloat32(tensor), dims: tensor.shape }]),
    ),
  });
  await session.release();
  const theirs = openSafetensors(join(folder, "gradients.safetensors"));
  return {
    products: matrixProducts(graph) / matrixProducts(forward),
    loss: relativeError(found.loss.data, [expected.loss]),
    logp: relativeError(found["sum logp"].data, expected.logps.flat()),
    gradients: Object.fromEntries(
      [...trained.keys()].map((key) => {
        const tensor = theirs.get(key);
        if (!tensor) throw new Error(`torch has no gradient of ${key}`);
        return [key, relativeError(found[gradientOf(key)].data, readFloat32(tensor))];
      }),
    ),
  };
}

function weighted(trees: readonly Tree[]): Objective {
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

function relativeError(found: ArrayLike<number | bigint>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-12];
  for (let i = 0; i < expected.length; i++) {
    difference += (Number(found[i]) - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

const matrixProducts = (outputs: Outputs) => topological(Object.values(outputs)).filter(isProduct).length;

/** Products of one row are sums of rows (ops.sum). */
const isProduct = (value: Value) => (is(value, "Gemm") || is(value, "MatMul")) && value.shape.at(-2) !== 1;
