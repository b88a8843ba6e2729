import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { EngineError } from "../errors";
import { copyTokenizer } from "../model/directory";
import { families } from "../model/families";
import { createModel } from "../model/new-model";
import { trainBpe } from "../tokenize/bpe";
import { newSpecialTokens, newTokens, saveTokenizer } from "../tokenize/new-tokenizer";
import { readOptions, required, runCommand } from "./command";

const usage = `npm run new-model -- --out DIR (--text FILE… | --tokenizer DIR) [--config FILE] [options]
  --text        text to learn a byte-level BPE tokenizer from: .txt, .json or .jsonl (every string in it); repeatable
  --tokenizer   use this model's tokenizer instead
  --config      config.json or YAML with Hugging Face's names; the options below override it
  --family      ${families.map(({ name }) => name).join(", ")} (default llama)
  --hidden-size 128  --intermediate-size 384  --num-hidden-layers 4  --num-attention-heads 4
  --num-key-value-heads 2  --head-dim N  --max-position-embeddings 1024  --tie-word-embeddings true
  --vocab-size 4096   tokens to learn from --text
  --seed 42`;

/** Defaults of a model that learns something in minutes on two cores: 1.3 M weights with a vocabulary of 4096. */
const small = {
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 1024,
  tie_word_embeddings: true,
};

const text = { type: "string" } as const;
const optionTypes = {
  out: text,
  text: { type: "string", multiple: true },
  tokenizer: text,
  config: text,
  family: text,
  "hidden-size": text,
  "intermediate-size": text,
  "num-hidden-layers": text,
  "num-attention-heads": text,
  "num-key-value-heads": text,
  "head-dim": text,
  "max-position-embeddings": text,
  "tie-word-embeddings": text,
  "vocab-size": text,
  seed: text,
} as const;

await runCommand(usage, () => {
  const options = readOptions(optionTypes, usage);
  const out = resolve(required(options.out, "out", usage));
  if (existsSync(out) && readdirSync(out).length > 0) throw new EngineError(`--out ${out} is not empty.`);
  const given = options.config === undefined ? {} : readConfig(options.config);
  const asked = options.family ?? given.model_type ?? "llama";
  const family = families.find(({ name }) => name === asked);
  if (!family) throw new EngineError(`--family ${asked} is not known.\n${usage}`);

  const dimensions = { ...(options.config === undefined ? small : {}), ...dimensionOptions(options) };
  const rename = (name: string) => family.fieldNames[name] ?? name;
  const config: Record<string, unknown> = {
    ...given,
    ...Object.fromEntries(Object.entries(dimensions).map(([name, value]) => [rename(name), value])),
    model_type: family.name,
  };
  const seed = wholeNumber(options.seed ?? "42", "seed");
  const tokens = makeTokenizer(out, options, Number(config[rename("max_position_embeddings")] ?? 1024));
  const weights = createModel(out, { ...config, ...tokens }, seed);
  console.log(
    `${out}: ${family.name} with ${weights.toLocaleString("en")} weights and ${tokens.vocab_size} tokens, seed ${seed}.`,
  );
});

type Options = ReturnType<typeof readOptions<typeof optionTypes>>;

/** Puts a tokenizer into the directory and says what the config must know of it. */
function makeTokenizer(out: string, options: Options, maxLength: number) {
  if (options.tokenizer !== undefined) {
    copyTokenizer(options.tokenizer, out);
    return readTokens(options.tokenizer);
  }
  const files = options.text ?? [];
  if (files.length === 0) throw new EngineError(`--text or --tokenizer is missing.\n${usage}`);
  const size = wholeNumber(options["vocab-size"] ?? "4096", "vocab-size");
  const model = trainBpe(readTexts(files), size, newSpecialTokens);
  saveTokenizer(out, model, maxLength);
  return {
    vocab_size: model.vocabulary.length,
    bos_token_id: null,
    eos_token_id: model.vocabulary.indexOf(newTokens.end),
    pad_token_id: model.vocabulary.indexOf(newTokens.pad),
  };
}

const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.object({ id: z.int(), content: z.string() })).default([]),
  model: z.looseObject({ vocab: z.record(z.string(), z.int()) }),
});
const tokenName = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const tokenizerConfigSchema = z.looseObject({
  bos_token: tokenName,
  eos_token: tokenName,
  pad_token: tokenName,
});

function readTokens(directory: string) {
  const { added_tokens, model } = parseFile(join(directory, "tokenizer.json"), tokenizerSchema);
  const names = parseFile(join(directory, "tokenizer_config.json"), tokenizerConfigSchema);
  const ids = new Map([
    ...Object.entries(model.vocab),
    ...added_tokens.map(({ id, content }) => [content, id] as const),
  ]);
  const idOf = (token: string | null | undefined) => (token ? (ids.get(token) ?? null) : null);
  return {
    vocab_size: Math.max(...ids.values()) + 1,
    bos_token_id: idOf(names.bos_token),
    eos_token_id: idOf(names.eos_token),
    pad_token_id: idOf(names.pad_token),
  };
}

function dimensionOptions(options: Options): Record<string, number | boolean> {
  const numbers = (
    [
      "hidden-size",
      "intermediate-size",
      "num-hidden-layers",
      "num-attention-heads",
      "num-key-value-heads",
      "head-dim",
      "max-position-embeddings",
    ] as const
  ).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name.replaceAll("-", "_"), wholeNumber(value, name)] as const];
  });
  const tie = options["tie-word-embeddings"];
  if (tie !== undefined && tie !== "true" && tie !== "false") {
    throw new EngineError(`--tie-word-embeddings must be true or false, not ${tie}.`);
  }
  return {
    ...Object.fromEntries(numbers),
    ...(tie === undefined ? {} : { tie_word_embeddings: tie === "true" }),
  };
}

function wholeNumber(value: string, name: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new EngineError(`--${name} must be a whole number, not ${value}.`);
  return number;
}

function readConfig(file: string): Record<string, unknown> {
  return parseFile(file, z.record(z.string(), z.unknown()));
}

/** JSON is YAML, so one parser reads both. */
function parseFile<T>(file: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseYaml(readText(file)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError(`${file}: ${issue.path.join(".") || "the file"}: ${issue.message}.`);
}

function* readTexts(files: readonly string[]): Generator<string> {
  for (const file of files) {
    const content = readText(file);
    if (extname(file) === ".jsonl") {
      let row = 0;
      for (const line of content.split("\n")) {
        row++;
        if (line.trim() !== "") yield* strings(parseLine(line, `${file}, row ${row}`));
      }
    } else if (extname(file) === ".json") yield* strings(parseLine(content, file));
    else yield content;
  }
}

function parseLine(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError(`${place} is not valid JSON.`, { cause });
  }
}

function* strings(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) yield* strings(inner);
}

function readText(file: string): string {
  if (!existsSync(file) || !statSync(file).isFile()) throw new EngineError(`${file} does not exist.`);
  return readFileSync(file, "utf8");
}
