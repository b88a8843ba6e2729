import { is, topological } from "@/workers/engine/graph/graph";
import * as ops from "@/workers/engine/graph/ops";
import { Session } from "@/workers/engine/graph/session";
import { sizeIn } from "@/workers/engine/train/memory";
import type { Outputs } from "@/workers/engine/train/program";

/** Floating-point operations of a graph's matrix products. */
export function matrixFlops(outputs: Outputs, sizes: ReadonlyMap<string, number>): number {
  const sizeOf = sizeIn(sizes);
  let flops = 0;
  for (const value of topological(Object.values(outputs))) {
    if (!is(value, "Gemm") && !is(value, "MatMul")) continue;
    const [left] = value.inputs;
    const inner = sizeOf(left.shape.at(is(value, "Gemm") && value.attributes.transA === 1 ? 0 : -1) ?? 0);
    flops += 2 * inner * value.shape.reduce<number>((product, dim) => product * sizeOf(dim), 1);
  }
  return flops;
}

/** The machine's speed in a large float32 matrix product, in operations a second: best of several. */
export async function gemmLimit(): Promise<number> {
  const size = 1536;
  const side = ops.input("a", [size, size]);
  const session = await Session.open({ product: ops.gemm(side, side, { transB: true }) }, { device: "cpu" });
  const a = { data: new Float32Array(size * size).fill(0.5), dims: [size, size] };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const began = performance.now();
    await session.run({ a });
    best = Math.min(best, (performance.now() - began) / 1000);
  }
  await session.release();
  return (2 * size ** 3) / best;
}
