/** The weights of a model on disk as values of a graph. */

import { EngineError } from "../errors";
import type { StoredTensor, StoredType } from "../file/safetensors";
import { type Dropout, none } from "../graph/dropout";
import type { DType, Value } from "../graph/graph";
import * as ops from "../graph/ops";
import { type Adapter, loraScale } from "./adapter/peft";
import type { Model } from "./directory";
import type { Weights } from "./network";

const widths: Readonly<Partial<Record<StoredType, DType>>> = {
  F32: "float32",
  BF16: "bfloat16",
  F16: "float16",
};

/** A parameter that stays in its file, widened to float32 where it is read. */
function mapped({ name, file, offset, bytes, shape, dtype }: StoredTensor): Value {
  const type = widths[dtype];
  if (!type)
    throw new EngineError(`${file}: ${name} is stored as ${dtype}; use an fp32, bf16 or fp16 checkpoint.`);
  return ops.cast(ops.initializer(name, { file, offset, length: bytes }, shape, type), "float32");
}

/**
 * The weights of `model`. Parameters in `trained` (name → shape) and the tensors of `adapter` are fed on every run,
 * under their own names; the others stay in their files. `dropout` acts on what adapters read.
 */
export function weightsOf(
  model: Model,
  trained: ReadonlyMap<string, readonly number[]>,
  adapter: Adapter | null,
  dropout: Dropout = none,
): Weights {
  const made = new Map<string, Value>();
  const once = (name: string, make: () => Value) => {
    const value = made.get(name) ?? make();
    made.set(name, value);
    return value;
  };
  const shapeOf = (name: string) => trained.get(name) ?? adapter?.tensors.get(name)?.shape;
  const parameter = (name: string) =>
    once(name, () => {
      const shape = shapeOf(name);
      if (shape) return ops.input(name, shape);
      const stored = model.tensors.get(name);
      if (!stored) throw new Error(`${model.dir} has no parameter ${name}`);
      return mapped(stored);
    });
  return {
    parameter,
    has: (name) => shapeOf(name) !== undefined || model.tensors.has(name),
    adapter(module) {
      const [a, b] = [`${module}.lora_A.weight`, `${module}.lora_B.weight`];
      if (adapter?.settings.method !== "lora" || !adapter.tensors.has(a)) return undefined;
      return {
        a: parameter(a),
        b: parameter(b),
        scale: loraScale(adapter.settings),
        dropout: dropout(module),
      };
    },
  };
}
