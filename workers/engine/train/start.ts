/** Where training starts: the tensors a run changes, and their first numbers. */

import { EngineError } from "../errors";
import { count, readFloat32 } from "../file/safetensors";
import {
  type Adapter,
  type AdapterSettings,
  defaultTargets,
  loraTargets,
  newAdapter,
  readAdapter,
  scoreHead,
} from "../model/adapter/peft";
import type { ModelConfig } from "../model/config";
import type { Model } from "../model/directory";
import { modelParameters } from "../model/modules";
import { seeded } from "../random";
import { defaultVirtualTokens, loraDefaults, type PeftSpec, type RunSpec } from "../spec/spec";
import { type Trainable, trainable } from "./optimizer";

/**
 * The adapter a run trains, as it is before the first step; null when it trains all weights.
 * @throws EngineError when `adapter` and `peft` disagree, or the adapter does not fit the run.
 */
export function initialAdapter(spec: RunSpec, model: Model): Adapter | null {
  if (spec.adapter !== null) return givenAdapter(spec.adapter, spec, model);
  const settings = adapterSettings(spec.peft, model);
  return settings && withScore(newAdapter(model.config, settings, spec.seed), spec, model);
}

/** Names and shapes of what is trained; nothing is read yet. */
export function trainedShapes(model: Model, adapter: Adapter | null): Map<string, readonly number[]> {
  const shapes = adapter
    ? [...adapter.tensors].map(([name, { shape }]) => [name, shape] as const)
    : modelParameters(model.config).map(({ name, shape }) => [name, shape] as const);
  return new Map(shapes);
}

/** What is trained, with its first numbers: copies of the adapter's, or all weights of the model in float32. */
export function trainablesOf({ seed }: RunSpec, model: Model, adapter: Adapter | null): Trainable[] {
  if (adapter) {
    return [...adapter.tensors].map(([name, { shape, data }]) =>
      trainable(name, { shape, data: data.slice() }, true),
    );
  }
  return modelParameters(model.config).map(({ name, shape, role }) => {
    const stored = model.tensors.get(name);
    const data = stored ? readFloat32(stored) : drawnScore(seed, model);
    return trainable(name, { shape, data }, role !== "norm" && role !== "bias");
  });
}

function givenAdapter(directory: string, spec: RunSpec, model: Model): Adapter {
  const adapter = readAdapter(directory, model.config);
  const found = disagreements(spec.peft, adapter.settings, model.config);
  if (found.length > 0) throw new EngineError(found.join("\n"));
  if (spec.method !== "reward" && adapter.tensors.has(scoreHead)) {
    throw new EngineError(
      `${directory} is the adapter of a reward model (it has a score head), which a ${spec.method} run cannot continue.`,
    );
  }
  return withScore(adapter, spec, model);
}

/**
 * A sentence for each key of run.yaml's `peft` that contradicts the adapter the run starts from. Only keys that are
 * written count, and dropout may differ because it is no part of the weights.
 */
export function disagreements(
  peft: PeftSpec | undefined,
  adapter: AdapterSettings,
  config: ModelConfig,
): string[] {
  const theirs = new Map<string, unknown>(Object.entries(adapter));
  return Object.entries(peft ?? {}).flatMap(([key, mine]) => {
    const other = theirs.get(key);
    if (mine === undefined || other === undefined || mine === other || key === "lora_dropout") return [];
    if (key === "target_modules" && haveSameTargets(peft, adapter, config)) return [];
    return `peft.${key} is ${JSON.stringify(mine)} but the adapter has ${JSON.stringify(other)}: remove peft to continue the adapter as it is, or remove adapter to start a new one.`;
  });
}

/** Whether both name the same layers, in whatever words: PEFT writes `all-linear` as a list of their endings. */
function haveSameTargets(peft: PeftSpec | undefined, adapter: AdapterSettings, config: ModelConfig): boolean {
  if (peft?.method !== "lora" || peft.target_modules === undefined || adapter.method !== "lora") return false;
  const [mine, theirs] = [peft.target_modules, adapter.target_modules].map((targets) =>
    loraTargets(config, targets),
  );
  return String(mine.map(({ name }) => name)) === String(theirs.map(({ name }) => name));
}

function adapterSettings(peft: PeftSpec | undefined, model: Model): AdapterSettings | null {
  switch (peft?.method) {
    case "lora":
      return {
        method: "lora",
        r: peft.r ?? loraDefaults.r,
        lora_alpha: peft.lora_alpha ?? loraDefaults.lora_alpha,
        lora_dropout: peft.lora_dropout ?? loraDefaults.lora_dropout,
        use_rslora: peft.use_rslora ?? loraDefaults.use_rslora,
        target_modules: peft.target_modules ?? defaultTargets(model.config),
      };
    case "prefix":
      return { method: "prefix", num_virtual_tokens: peft.num_virtual_tokens ?? defaultVirtualTokens };
    default:
      return null;
  }
}

/** A reward head travels in the adapter: the adapter's own, else the model's, else one drawn from the seed. */
function withScore(adapter: Adapter, spec: RunSpec, model: Model): Adapter {
  const stored = model.tensors.get(scoreHead);
  if (spec.method !== "reward" || (spec.adapter !== null && adapter.tensors.has(scoreHead))) return adapter;
  const shape = [1, model.config.hidden_size];
  const data = stored ? readFloat32(stored) : drawnScore(spec.seed, model);
  return { ...adapter, tensors: new Map([...adapter.tensors, [scoreHead, { shape, data }]]) };
}

function drawnScore(seed: number, { config }: Model): Float32Array {
  const data = new Float32Array(count([1, config.hidden_size]));
  return seeded(seed, "adapter", scoreHead).fillNormal(data, config.initializer_range);
}
