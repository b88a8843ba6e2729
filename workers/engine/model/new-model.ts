import { count } from "../file/safetensors";
import { seeded } from "../random";
import type { ModelConfig } from "./config";
import { saveModel } from "./directory";
import { familyOf } from "./families";
import { modelParameters } from "./modules";
import type { Parameter } from "./parameters";
import { parseModelConfig } from "./read-config";

/**
 * Writes a randomly initialised model whose tokenizer already lies in the directory.
 * @param raw config.json in Hugging Face's names.
 * @returns the number of weights.
 * @throws EngineError naming what the config lacks.
 */
export function createModel(directory: string, raw: Record<string, unknown>, seed: number): number {
  const config = parseModelConfig(raw, "the model's config");
  const parameters = new Map(modelParameters(config).map((parameter) => [parameter.name, parameter]));
  saveModel(directory, {
    model: { dir: directory, config, tensors: new Map() },
    values: (name) => {
      const parameter = parameters.get(name);
      return parameter && initialise(parameter, config, seed);
    },
  });
  return [...parameters.values()].reduce((total, { shape }) => total + count(shape), 0);
}

/** transformers' `_init_weights`; every tensor draws from its own stream, so its values depend only on seed and name. */
function initialise(parameter: Parameter, config: ModelConfig, seed: number): Float32Array {
  const { name, shape, role } = parameter;
  const { norm, shrink } = familyOf(config).initialise;
  const values = new Float32Array(count(shape));
  if (role === "bias") return values;
  if (role === "norm") return values.fill(norm);
  return seeded(seed, "init", name).fillNormal(values, config.initializer_range / shrink(parameter, config));
}
