import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../../errors";
import { makeFolder, readJson } from "../../file/files";
import { count, openSafetensors, readFloat32, writeSafetensors } from "../../file/safetensors";
import { seeded } from "../../random";
import type { ModelConfig } from "../config";
import { writeJson } from "../directory";
import { familyOf } from "../families";
import { type LinearModule, linearModules } from "../modules";

/** y = Wx + scale · B·A·x (Hu et al., arXiv 2106.09685). */
export interface LoraSettings {
  readonly method: "lora";
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  /** Scale by lora_alpha / √r instead of lora_alpha / r (arXiv 2312.03732). */
  readonly use_rslora: boolean;
  /** Names or name endings of modules, or `all-linear`, or a regular expression for whole names. */
  readonly target_modules: string | string[];
}

/** Trained keys and values before every sequence, in every layer (Li and Liang, arXiv 2101.00190). */
interface PrefixSettings {
  readonly method: "prefix";
  readonly num_virtual_tokens: number;
}

export type AdapterSettings = LoraSettings | PrefixSettings;

interface AdapterTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * An adapter in memory. Tensors are named as PEFT names them inside the model:
 * `<module>.lora_A.weight` [r, inputs], `<module>.lora_B.weight` [outputs, r], `prompt_embeddings`
 * [virtual tokens, layers · 2 · key/value size], and `score.weight` [1, hidden] where a reward head travels along.
 */
export interface Adapter {
  readonly settings: AdapterSettings;
  readonly tensors: ReadonlyMap<string, AdapterTensor>;
}

/** The name of a reward head among a model's or an adapter's tensors. */
export const scoreHead = "score.weight";
export const promptEmbeddings = "prompt_embeddings";

/** The factor on B·A. */
export function loraScale({ r, lora_alpha, use_rslora }: LoraSettings): number {
  return lora_alpha / (use_rslora ? Math.sqrt(r) : r);
}

/** PEFT's target modules where none are named. */
export function defaultTargets(config: ModelConfig): string[] {
  return [...familyOf(config).loraTargets];
}

/**
 * The linear layers that LoRA wraps, by PEFT's rules: a list matches whole names or endings after a dot,
 * `all-linear` everything but the head, any other string the whole name as a regular expression.
 * @throws EngineError when a target matches nothing.
 */
export function loraTargets(config: ModelConfig, target_modules: string | readonly string[]): LinearModule[] {
  const modules = linearModules(config);
  if (target_modules === "all-linear") return modules;
  const known = () =>
    [...new Set(modules.map(({ name }) => name.slice(name.lastIndexOf(".") + 1)))].join(", ");
  if (typeof target_modules === "string") {
    const pattern = wholeName(target_modules);
    const matching = modules.filter(({ name }) => pattern.test(name));
    if (matching.length > 0) return matching;
    throw new EngineError(
      `target_modules ${target_modules} matches no linear layer; the model has ${known()}.`,
    );
  }
  const matches = (name: string, target: string) => name === target || name.endsWith(`.${target}`);
  const absent = target_modules.find((target) => !modules.some(({ name }) => matches(name, target)));
  if (absent !== undefined) {
    throw new EngineError(
      `target_modules names ${absent}, which is no linear layer; the model has ${known()}.`,
    );
  }
  return modules.filter(({ name }) => target_modules.some((target) => matches(name, target)));
}

/** Python's and our regular expressions differ: with the flag u, what only Python knows is an error and no surprise. */
function wholeName(target: string): RegExp {
  try {
    return new RegExp(`^(?:${target})$`, "u");
  } catch (cause) {
    throw new EngineError(
      `target_modules ${target} is a regular expression that only Python reads: write it without (?i), (?P<name>), \\A, \\Z and the like, or list the modules' names.`,
      { cause },
    );
  }
}

/** Shapes of an adapter's tensors by name, in the model's order, with the reward head of a reward model. */
function adapterShapes(config: ModelConfig, settings: AdapterSettings): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  if (settings.method === "prefix") {
    const keyValueSize = config.num_key_value_heads * config.head_dim;
    shapes.set(promptEmbeddings, [settings.num_virtual_tokens, config.num_hidden_layers * 2 * keyValueSize]);
  } else {
    for (const { name, inputs, outputs } of loraTargets(config, settings.target_modules)) {
      shapes.set(`${name}.lora_A.weight`, [settings.r, inputs]);
      shapes.set(`${name}.lora_B.weight`, [outputs, settings.r]);
    }
  }
  if (config.head === "score") shapes.set(scoreHead, [1, config.hidden_size]);
  return shapes;
}

/**
 * A fresh adapter as PEFT draws it: A uniform ±1/√inputs, B zero, prefixes standard normal; a reward head
 * normal with the model's initializer_range. Each tensor has its own stream, so targets do not shift each other.
 */
export function newAdapter(config: ModelConfig, settings: AdapterSettings, seed: number): Adapter {
  const tensors = new Map<string, AdapterTensor>();
  for (const [name, shape] of adapterShapes(config, settings)) {
    const data = new Float32Array(count(shape));
    const random = seeded(seed, "adapter", name);
    if (name === scoreHead) random.fillNormal(data, config.initializer_range);
    else if (name === promptEmbeddings) random.fillNormal(data, 1);
    else if (name.endsWith(".lora_A.weight"))
      random.fillUniform(data, -1 / Math.sqrt(shape[1]), 1 / Math.sqrt(shape[1]));
    tensors.set(name, { shape, data });
  }
  return { settings, tensors };
}

const configSchema = z.looseObject({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});
const loraSchema = z.looseObject({
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(1).default(0),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});
/** How A and B may have begun; the other ways (pissa, olora, corda, loftq, lora_ga) took their part out of the base. */
const harmlessBeginnings: readonly unknown[] = [true, false, "gaussian", "orthogonal", "eva"];
const prefixSchema = z.looseObject({ num_virtual_tokens: z.int().positive() });

/** LoRA options that change the arithmetic or which layers have it: an adapter that uses one must not load as if it did not. */
const unsupported = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "lora_bias",
  "alpha_pattern",
  "rank_pattern",
  "layer_replication",
  "layers_to_transform",
  "alora_invocation_tokens",
  "arrow_config",
  "exclude_modules",
  "kasa_config",
  "monteclora_config",
  "velora_config",
  "target_parameters",
  "trainable_token_indices",
];

/**
 * Reads a PEFT adapter directory for this model; bf16 and fp16 widen to float32.
 * @throws EngineError naming the option, the file or the tensor that does not fit.
 */
export function readAdapter(directory: string, config: ModelConfig): Adapter {
  const configFile = join(directory, "adapter_config.json");
  const settings = readSettings(configFile, config);
  const file = join(directory, "adapter_model.safetensors");
  if (!existsSync(file))
    throw new EngineError(`${directory} holds no adapter_model.safetensors; other formats are not read.`);
  const stored = new Map([...openSafetensors(file)].map(([name, tensor]) => [innerName(name), tensor]));
  const expected = adapterShapes({ ...config, head: stored.has(scoreHead) ? "score" : "causal" }, settings);
  const tensors = new Map<string, AdapterTensor>();
  for (const [name, shape] of expected) {
    const tensor = stored.get(name);
    if (!tensor) throw new EngineError(`${file}: the tensor ${name} is missing.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new EngineError(
        `${file}: ${tensor.name} has the shape [${tensor.shape}] where this model needs [${shape}].`,
      );
    }
    tensors.set(name, { shape, data: readFloat32(tensor) });
  }
  const stray = [...stored].find(([name]) => !expected.has(name));
  if (stray) throw new EngineError(`${file}: the tensor ${stray[1].name} has no place in this adapter.`);
  return { settings, tensors };
}

function readSettings(file: string, config: ModelConfig): AdapterSettings {
  const { peft_type, modules_to_save } = readJson(file, configSchema);
  const foreign = modules_to_save?.find((name) => name !== "score" && name !== "classifier");
  if (foreign)
    throw new EngineError(
      `${file}: modules_to_save ${foreign} is not supported; only a reward head (score) is.`,
    );
  if (peft_type === "PREFIX_TUNING") {
    return { method: "prefix", num_virtual_tokens: readJson(file, prefixSchema).num_virtual_tokens };
  }
  if (peft_type !== "LORA") {
    throw new EngineError(
      `${file}: the adapter type ${peft_type} is not supported; supported are LORA and PREFIX_TUNING.`,
    );
  }
  const { r, lora_alpha, lora_dropout, use_rslora, target_modules, init_lora_weights, ...rest } = readJson(
    file,
    loraSchema,
  );
  if (!harmlessBeginnings.includes(init_lora_weights ?? true)) {
    throw new EngineError(
      `${file}: init_lora_weights ${init_lora_weights} is not supported: the adapter belongs to a base that PEFT changes when it loads, so that on the model as it lies there every number would be another. Merge it in PEFT (merge_and_unload) and use the model that gives, or save it as a plain LoRA there (save_pretrained with path_initial_model_for_weight_conversion).`,
    );
  }
  const variant = unsupported.find((name) => isSet(rest[name]));
  if (variant) throw new EngineError(`${file}: the LoRA option ${variant} is not supported.`);
  if (isSet(rest.bias) && rest.bias !== "none")
    throw new EngineError(`${file}: the LoRA option bias is supported only as none.`);
  return {
    method: "lora",
    r,
    lora_alpha,
    lora_dropout,
    use_rslora,
    target_modules: readTargets(target_modules, config),
  };
}

/** PEFT spells `all-linear` out as every layer's whole name; reading it back recognises that. */
function readTargets(targets: string | string[] | null | undefined, config: ModelConfig): string | string[] {
  if (targets === null || targets === undefined) return defaultTargets(config);
  const listed = new Set(targets);
  const isAll = linearModules(config).every(({ name }) => listed.has(name));
  return isAll ? "all-linear" : targets;
}

/** PEFT writes options that are off as false, null or an empty list or map. */
function isSet(option: unknown): boolean {
  return typeof option === "object" && option !== null ? Object.keys(option).length > 0 : Boolean(option);
}

/** `base_model.model.` is PEFT's wrapper (prefix tuning has one level less); older files name the saved copy too. */
function innerName(name: string): string {
  const inner = name.replace(/^base_model\.model\.(?=.)/, "").replace(/^base_model\./, "");
  return inner.replace(/^score\.modules_to_save\.(?:default\.)?weight$/, scoreHead);
}

/**
 * Writes `adapter_model.safetensors` and `adapter_config.json` as PEFT 0.21 does, the config last.
 * @param base path or Hub name of the model the adapter belongs to.
 */
export function saveAdapter(directory: string, adapter: Adapter, base: string, config: ModelConfig): void {
  makeFolder(directory);
  const { settings, tensors } = adapter;
  const sorted = [...tensors].map(([name, tensor]) => ({ name: outerName(name, settings), tensor }));
  sorted.sort((a, b) => (a.name < b.name ? -1 : 1));
  writeSafetensors(
    join(directory, "adapter_model.safetensors"),
    sorted.map(({ name, tensor }) => ({
      name,
      shape: tensor.shape,
      dtype: "F32",
      values: () => tensor.data,
    })),
  );
  const isReward = tensors.has(scoreHead);
  writeJson(join(directory, "adapter_config.json"), {
    auto_mapping: null,
    base_model_name_or_path: base,
    inference_mode: true,
    modules_to_save: isReward ? ["classifier", "score"] : null,
    peft_version: "0.21.2", // the release whose layout this is
    revision: null,
    task_type: isReward ? "SEQ_CLS" : "CAUSAL_LM",
    ...(settings.method === "lora" ? loraFields(settings, config) : prefixFields(settings, config)),
  });
}

function outerName(name: string, settings: AdapterSettings): string {
  if (name === promptEmbeddings) return name;
  return settings.method === "lora" ? `base_model.model.${name}` : `base_model.${name}`;
}

function loraFields(
  { r, lora_alpha, lora_dropout, use_rslora, target_modules }: LoraSettings,
  config: ModelConfig,
) {
  return {
    peft_type: "LORA",
    r,
    lora_alpha,
    lora_dropout,
    use_rslora,
    // Spelled out as PEFT does, so that the head stays excluded whatever model the adapter is loaded on.
    target_modules:
      target_modules === "all-linear" ? linearModules(config).map(({ name }) => name) : target_modules,
    bias: "none",
    fan_in_fan_out: familyOf(config).transposed,
    init_lora_weights: true,
    alora_invocation_tokens: null,
    alpha_pattern: {},
    arrow_config: null,
    corda_config: null,
    ensure_weight_tying: false,
    eva_config: null,
    exclude_modules: null,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: null,
    loftq_config: {},
    lora_bias: false,
    megatron_config: null,
    megatron_core: "megatron.core",
    qalora_group_size: 16,
    rank_pattern: {},
    target_parameters: null,
    trainable_token_indices: null,
    use_dora: false,
    use_qalora: false,
  };
}

function prefixFields({ num_virtual_tokens }: PrefixSettings, config: ModelConfig) {
  const keyValueSize = config.num_key_value_heads * config.head_dim;
  return {
    peft_type: "PREFIX_TUNING",
    num_virtual_tokens,
    encoder_hidden_size: keyValueSize,
    num_attention_heads: config.num_key_value_heads,
    num_layers: config.num_hidden_layers,
    num_transformer_submodules: 1,
    prefix_projection: false,
    token_dim: keyValueSize,
  };
}

/**
 * Adds a LoRA update to a weight: W + scale · B·A, in float64 a row at a time.
 * @param weight the module's weight, outputs × inputs (inputs × outputs where `transposed`), changed in place.
 */
export function mergeLora(
  weight: Float32Array,
  { inputs, outputs, transposed }: LinearModule,
  a: Float32Array,
  b: Float32Array,
  scale: number,
): Float32Array {
  const r = a.length / inputs;
  const row = new Float64Array(inputs);
  for (let output = 0; output < outputs; output++) {
    row.fill(0);
    for (let k = 0; k < r; k++) {
      const factor = scale * b[output * r + k];
      for (let input = 0; input < inputs; input++) row[input] += factor * a[k * inputs + input];
    }
    const [start, stride] = transposed ? [output, outputs] : [output * inputs, 1];
    for (let input = 0; input < inputs; input++) weight[start + input * stride] += row[input];
  }
  return weight;
}
