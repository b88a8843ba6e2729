import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { EngineError } from "../errors";
import { copyFile, makeFolder, writeText } from "../file/files";
import {
  openModelTensors,
  readFloat32,
  type StoredTensor,
  type Tensors,
  type WeightType,
  writeSafetensors,
} from "../file/safetensors";
import type { ModelConfig } from "./config";
import { familyOf } from "./families";
import { modelParameters } from "./modules";
import { configToWrite, readModelConfig } from "./read-config";

/** A Hugging Face model directory: its shape, and where each of its weights lies on disk. */
export interface Model {
  readonly dir: string;
  readonly config: ModelConfig;
  /** Keyed by the names of `modelParameters`; a tied head and a score head yet to be drawn are absent. */
  readonly tensors: Tensors;
}

/** Buffers and copies that old checkpoints store and nobody reads. */
const ignored = [/\.rotary_emb\.inv_freq$/, /\.attn\.(masked_)?bias$/, /^lm_head\.weight$/];

/**
 * Opens a model without reading its weights and checks every name and shape against its config.
 * @param head asks for a language-model or a reward head, whichever the directory was saved with; a reward
 *   head that is not there is left out of `tensors`, for the caller to draw.
 * @throws EngineError naming the file and the tensor that is missing, misshapen or out of place.
 */
export function openModel(directory: string, head?: ModelConfig["head"]): Model {
  const dir = resolve(directory);
  if (!existsSync(dir) || !statSync(dir).isDirectory())
    throw new EngineError(
      `The model directory ${dir} does not exist; a model of the Hub is fetched with "hf download NAME --local-dir DIR".`,
    );
  const stored = readModelConfig(dir);
  const config = head === undefined ? stored : { ...stored, head };
  if (config.head === "score" && familyOf(config).architectures.score === null) {
    throw new EngineError(
      `${dir}: transformers has no class for reward models of the family ${config.family}, so none can be trained or read: take another base model.`,
    );
  }
  const found = openModelTensors(dir);
  const { prefix } = familyOf(config);
  const tensors = new Map<string, StoredTensor>();
  const used = new Set<string>();
  for (const { name, shape, role } of modelParameters(config)) {
    const tensor = found.get(name) ?? found.get(name.startsWith(prefix) ? name.slice(prefix.length) : name);
    if (!tensor) {
      if (role === "score" && stored.head === "causal") continue;
      throw new EngineError(
        `${dir}: the tensor ${name} is missing; config.json and the weights do not belong together.`,
      );
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw new EngineError(
        `${tensor.file}: ${tensor.name} has the shape [${tensor.shape}] where config.json needs [${shape}].`,
      );
    }
    tensors.set(name, tensor);
    used.add(tensor.name);
  }
  for (const { name, file } of found.values()) {
    if (used.has(name) || ignored.some((pattern) => pattern.test(name))) continue;
    if (name === "score.weight" && config.head === "causal") continue;
    throw new EngineError(
      `${file}: the tensor ${name} has no place in a ${config.family} model as config.json describes it.`,
    );
  }
  return { dir, config, tensors };
}

export interface ModelToSave {
  /**
   * The model as it was opened; weights that did not change are copied from it. A reward model's config must
   * name a padding token, or transformers cannot score batches with it.
   */
  readonly model: Model;
  /** New values by parameter name, row-major float32; undefined keeps the stored ones. */
  readonly values: (name: string) => Float32Array | undefined;
  readonly dtype?: WeightType;
}

const dtypeNames: Readonly<Record<WeightType, string>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * Writes a full model as transformers 5 does: weights sorted by name (a tied head once), config.json,
 * generation_config.json and the tokenizer's files. The config is written last, so that a directory with one is complete.
 */
export function saveModel(directory: string, { model, values, dtype = "F32" }: ModelToSave): void {
  makeFolder(directory);
  const { config, tensors } = model;
  const parameters = modelParameters(config).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  writeSafetensors(
    join(directory, "model.safetensors"),
    parameters.map(({ name, shape }) => ({
      name,
      shape,
      dtype,
      values: () => {
        const stored = tensors.get(name);
        const value = values(name) ?? (stored && readFloat32(stored));
        if (!value) throw new EngineError(`${directory}: no values were given for ${name}.`);
        return value;
      },
    })),
  );
  copyTokenizer(model.dir, directory);
  if (config.head === "causal")
    writeJson(join(directory, "generation_config.json"), generationConfig(config));
  writeJson(join(directory, "config.json"), configToWrite(config, dtypeNames[dtype]));
}

/** The files from which transformers and we build a tokenizer. */
const tokenizerFiles = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "vocab.json",
  "merges.txt",
  "tokenizer.model",
];

/** Copies a tokenizer with its chat templates; files that a model does not have are left out. */
export function copyTokenizer(from: string, to: string): void {
  if (resolve(from) === resolve(to)) return;
  makeFolder(to);
  for (const name of tokenizerFiles) {
    if (existsSync(join(from, name))) copyFile(join(from, name), join(to, name));
  }
  const more = join(from, "additional_chat_templates");
  if (!existsSync(more)) return;
  makeFolder(join(to, "additional_chat_templates"));
  for (const name of readdirSync(more))
    copyFile(join(more, name), join(to, "additional_chat_templates", name));
}

function generationConfig({
  bos_token_id,
  eos_token_ids,
  pad_token_id,
}: ModelConfig): Record<string, unknown> {
  return {
    _from_model_config: true,
    ...(bos_token_id === null ? {} : { bos_token_id }),
    ...(eos_token_ids.length === 0
      ? {}
      : { eos_token_id: eos_token_ids.length === 1 ? eos_token_ids[0] : eos_token_ids }),
    ...(pad_token_id === null ? {} : { pad_token_id }),
    transformers_version: "5.24.0",
    use_cache: true,
  };
}

/** Fields that Python must read as floats: transformers 5 refuses `"final_logit_softcapping": 30`. */
const floatFields =
  /^(\s*"(?:\w+_softcapping|rope_theta|(?:\w+_)?factor|beta_fast|beta_slow|mscale\w*|\w+_dropout|\w+_pdrop|initializer_range|\w+_eps(?:ilon)?)": -?\d+)(,?)$/gm;

/** Sorted keys and two spaces, as transformers and PEFT write JSON. */
export function writeJson(path: string, value: Readonly<Record<string, unknown>>): void {
  const sorted = Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeText(path, `${JSON.stringify(sorted, null, 2).replace(floatFields, "$1.0$2")}\n`);
}
