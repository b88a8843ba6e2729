import { EngineError } from "../../errors";
import { readFloat32, type WeightType } from "../../file/safetensors";
import { type Model, saveModel } from "../directory";
import { linearModules } from "../modules";
import { type Adapter, loraScale, mergeLora, scoreHead } from "./peft";

/**
 * Writes the full model that base and adapter make together; a reward head in the adapter makes it a reward
 * model. One weight is in memory at a time.
 * @throws EngineError for prefix tuning, whose keys and values have no place in a model's weights.
 */
export function mergeAdapter(
  directory: string,
  model: Model,
  adapter: Adapter,
  dtype: WeightType = "F32",
): void {
  const { settings, tensors } = adapter;
  if (settings.method === "prefix") {
    throw new EngineError(
      "A prefix cannot be merged: it is keys and values, not a change of weights. Use it as an adapter.",
    );
  }
  const modules = new Map(linearModules(model.config).map((module) => [`${module.name}.weight`, module]));
  const scale = loraScale(settings);
  const values = (name: string): Float32Array | undefined => {
    if (name === scoreHead) return tensors.get(scoreHead)?.data;
    const module = modules.get(name);
    const stored = model.tensors.get(name);
    const a = module && tensors.get(`${module.name}.lora_A.weight`);
    const b = module && tensors.get(`${module.name}.lora_B.weight`);
    return module && stored && a && b
      ? mergeLora(readFloat32(stored), module, a.data, b.data, scale)
      : undefined;
  };
  const head = tensors.has(scoreHead) ? "score" : model.config.head;
  saveModel(directory, { model: { ...model, config: { ...model.config, head } }, values, dtype });
}
