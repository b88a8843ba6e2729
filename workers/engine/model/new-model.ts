import { count } from "../file/safetensors";
import { seeded } from "../random";
import { type ModelConfig, parseModelConfig } from "./config";
import { saveModel } from "./directory";
import { modelParameters, type Parameter } from "./parameters";

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
function initialise({ name, shape, role }: Parameter, config: ModelConfig, seed: number): Float32Array {
  const values = new Float32Array(count(shape));
  if (role === "bias") return values;
  if (role === "norm") {
    const isGemma = config.family === "gemma2" || config.family === "gemma3_text";
    return values.fill(isGemma ? 0 : 1); // Gemma multiplies by 1 + weight
  }
  // GPT-2 shrinks what is added to the residual stream by the number of additions.
  const isResidual = config.family === "gpt2" && name.endsWith("c_proj.weight");
  const shrink = isResidual ? Math.sqrt(2 * config.num_hidden_layers) : 1;
  return seeded(seed, "init", name).fillNormal(values, config.initializer_range / shrink);
}
