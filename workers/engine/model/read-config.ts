import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson } from "../file/files";
import type { ModelConfig } from "./config";
import { type GeneralFields, generalSchema, generationSchema } from "./config-fields";
import { families, familyOf } from "./families";
import type { FamilyDescription } from "./family";
import { parse } from "./read";

/**
 * Reads `config.json` (and the stop tokens of `generation_config.json`) of a Hugging Face model directory, in
 * the layout of transformers 4 or 5.
 * @throws EngineError naming what is missing, malformed or not supported.
 */
export function readModelConfig(directory: string): ModelConfig {
  const file = join(directory, "config.json");
  const config = parseModelConfig(readJson(file, z.record(z.string(), z.unknown())), file);
  const generationFile = join(directory, "generation_config.json");
  if (!existsSync(generationFile)) return config;
  const stops = asList(readJson(generationFile, generationSchema).eos_token_id);
  return stops.length > 0 ? { ...config, eos_token_ids: stops } : config;
}

const namesSchema = generalSchema.pick({
  model_type: true,
  architectures: true,
  quantization_config: true,
  text_config: true,
});

/** The same for an object that is already in memory; `file` is named in errors. */
export function parseModelConfig(raw: Record<string, unknown>, file: string): ModelConfig {
  const { model_type, architectures, quantization_config, text_config } = parse(namesSchema, raw, file);
  const family = families.find(({ name }) => name === model_type);
  if (!family) {
    const part = families.find(({ name }) => name === text_config?.model_type);
    const way = part
      ? `It holds a text model (${part.name}), which is trained where it lies apart: workers/engine/model/README.md says how to save it.`
      : "The torch engine (engine: torch) trains every decoder that transformers has.";
    throw new EngineError(
      `${file}: the architecture ${architectures?.[0] ?? model_type} is not supported; supported model types are ${families.map(({ name }) => name).join(", ")}. ${way}`,
    );
  }
  if (quantization_config)
    throw new EngineError(`${file}: quantised checkpoints (quantization_config) are not supported.`);
  const shape = family.read(raw, file);
  const fields = parse(generalSchema, raw, file);
  const { pad_token_id: pad = null, eos_token_id } = fields;
  return {
    ...shape,
    family: family.name,
    head: readHead(family, architectures?.[0], file),
    vocab_size: fields.vocab_size,
    tie_word_embeddings: fields.tie_word_embeddings ?? family.defaults.tied,
    eos_token_ids: eos_token_id === undefined ? family.defaults.eos_token_ids : asList(eos_token_id),
    bos_token_id: asList(fields.bos_token_id)[0] ?? null,
    pad_token_id: pad !== null && pad >= 0 ? pad : null, // -1 means none in some old configs
    padding_idx: paddingRow(family, fields),
    initializer_range: fields.initializer_range ?? 0.02,
    raw: fields,
  };
}

/** config.json as transformers 5 writes it, for weights stored as `dtype`. */
export function configToWrite(config: ModelConfig, dtype: string): Record<string, unknown> {
  const {
    torch_dtype,
    rope_theta,
    rope_scaling,
    rope_local_base_freq,
    sliding_window_pattern,
    _name_or_path,
    ...kept
  } = config.raw;
  const family = familyOf(config);
  const { causal, score } = family.architectures;
  return {
    ...kept,
    architectures: [config.head === "score" ? score : causal[0]],
    dtype,
    ...(config.head === "score" ? { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } : {}),
    ...(config.pad_token_id === null ? {} : { pad_token_id: config.pad_token_id }),
    ...family.write(config),
    tie_word_embeddings: config.tie_word_embeddings,
    transformers_version: "5.24.0", // the release whose layout this is
  };
}

/** As `nn.Embedding` of transformers' models takes it: a negative one counts from the end. */
function paddingRow({ defaults }: FamilyDescription, { pad_token_id, vocab_size }: GeneralFields) {
  const pad = pad_token_id === undefined ? defaults.pad_token_id : pad_token_id;
  if (pad === null || pad >= vocab_size) return null;
  return pad < 0 ? vocab_size + pad : pad;
}

function readHead(
  { name, architectures: { causal, score } }: FamilyDescription,
  architecture: string | undefined,
  file: string,
): ModelConfig["head"] {
  if (architecture === undefined || causal.includes(architecture) || architecture.endsWith("Model"))
    return "causal";
  if (architecture === score) return "score";
  throw new EngineError(
    `${file}: the architecture ${architecture} is not supported; ${name} loads as ${[causal[0], ...(score === null ? [] : [score])].join(" or ")}.`,
  );
}

function asList(ids: number | number[] | null | undefined): number[] {
  return ids === null || ids === undefined ? [] : typeof ids === "number" ? [ids] : ids;
}
