import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson } from "../file/files";
import type { TokenAlphabet } from "./offsets";
import { withExplicitPattern } from "./reference-tokenizer";
import { type ReferenceClass, referenceClass } from "./tokenizer-class";

const addedToken = z.looseObject({
  content: z.string(),
  id: z.int(),
  special: z.boolean().optional(),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
  single_word: z.boolean().optional(),
});

const tokenizerFile = z.looseObject({
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), z.int()), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  added_tokens: z.array(addedToken).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

/** A special token is written as its text or as an object with the text and flags. */
const specialToken = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content), z.null()])
  .optional();

const namedTokens = {
  bos_token: specialToken,
  eos_token: specialToken,
  pad_token: specialToken,
  unk_token: specialToken,
};

const tokenizerConfig = z.looseObject({
  ...namedTokens,
  tokenizer_class: z.string().nullish(),
  add_prefix_space: z.boolean().nullish(),
  legacy: z.boolean().nullish(),
  chat_control_tokens: z.array(z.string()).nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() })), z.null()])
    .optional(),
});
type TokenizerConfig = z.infer<typeof tokenizerConfig>;

/** What config.json says about the tokenizer. */
const modelConfig = z.looseObject({
  model_type: z.string().nullish(),
  tokenizer_class: z.string().nullish(),
});

/** A tokenizer as it lies in a model directory, with what transformers and TRL change when they load it. */
export interface TokenizerFiles {
  /** tokenizer.json, so that the JavaScript library reads it as the reference does. */
  json: TokenizerFile;
  config: TokenizerConfig;
  alphabet: TokenAlphabet;
  /** bos_token, eos_token, pad_token, unk_token: those that are set. */
  named: Readonly<Record<string, string>>;
  templates: NamedTemplates | null;
  /** One more than the largest id. */
  size: number;
}

/**
 * Reads tokenizer.json, tokenizer_config.json, special_tokens_map.json and the chat template of a directory.
 * @throws EngineError naming the file that is missing or cannot be read.
 */
export function readTokenizerFiles(directory: string, chatTemplatePath: string | null): TokenizerFiles {
  const written = optionalJson(join(directory, "tokenizer.json"), tokenizerFile);
  if (written === null) {
    throw new EngineError(
      `${directory} has no tokenizer.json; convert its tokenizer with transformers (save_pretrained) first.`,
    );
  }
  const legacy = optionalJson(join(directory, "special_tokens_map.json"), z.looseObject(namedTokens)) ?? {};
  const config = { ...legacy, ...optionalJson(join(directory, "tokenizer_config.json"), tokenizerConfig) };
  const model = optionalJson(join(directory, "config.json"), modelConfig);
  const byteWise = (written.model.type ?? "BPE") === "BPE";
  const tokenizerClass = config.tokenizer_class ?? model?.tokenizer_class ?? null;
  const isByteLevel = [written.pre_tokenizer, written.decoder].some((part) =>
    flatten(part).some(({ type }) => type === "ByteLevel"),
  );
  const rebuilt = byteWise ? referenceClass(tokenizerClass, model?.model_type ?? null, isByteLevel) : null;
  const file = rebuilt === null ? written : rebuild(written, rebuilt, config);
  const named = { ...knownTokens(rebuilt?.named ?? {}, file), ...namedTexts(config) };
  const added = withConfiguredTokens(file, named, directory);
  const wholeWord = added.find(({ single_word }) => single_word);
  if (wholeWord) {
    throw new EngineError(
      `${directory}: tokenizer.json has the added token ${JSON.stringify(wholeWord.content)} with single_word, which is not supported; set it to false.`,
    );
  }
  return {
    json: {
      ...file,
      // What the JavaScript library would read differently is taken out; see reference-tokenizer.ts.
      pre_tokenizer: withExplicitPattern(file.pre_tokenizer ?? null),
      added_tokens: added.map((token) => ({ ...token, lstrip: false, rstrip: false })),
    },
    config,
    alphabet: {
      ...alphabetOf(file.pre_tokenizer, file.post_processor),
      added: new Map(added.map((token) => [token.content, token])),
    },
    named,
    size: sizeOf(file, added),
    templates: readTemplates(directory, config, chatTemplatePath),
  };
}

/** The vocabulary, added tokens and post-processor of the file in the pipeline of a class. */
const rebuild = (
  file: TokenizerFile,
  { normalizer, pre_tokenizer, model }: ReferenceClass,
  config: TokenizerConfig,
) => ({
  ...file,
  normalizer,
  pre_tokenizer: pre_tokenizer(config),
  model: { ...file.model, ...model },
});

interface NamedTemplates {
  main: string;
  /** The one for conversations with tools; usually the same. */
  tools: string;
}

function readTemplates(
  directory: string,
  config: TokenizerConfig,
  chosen: string | null,
): NamedTemplates | null {
  if (chosen !== null && !existsSync(chosen)) {
    throw new EngineError(`chat_template_path: ${chosen} does not exist.`);
  }
  const file = [chosen, join(directory, "chat_template.jinja")].find(
    (path) => path !== null && existsSync(path),
  );
  if (file != null) {
    const source = readFileSync(file, "utf8");
    return { main: source, tools: source };
  }
  const written = config.chat_template;
  if (written == null) return null;
  if (typeof written === "string") return { main: written, tools: written };
  const named = new Map(written.map(({ name, template }) => [name, template]));
  const main = named.get("default");
  return main === undefined ? null : { main, tools: named.get("tool_use") ?? main };
}

function optionalJson<T>(path: string, schema: z.ZodType<T>): T | null {
  return existsSync(path) ? readJson(path, schema) : null;
}

function namedTexts(config: TokenizerConfig): Record<string, string> {
  const entries = Object.keys(namedTokens).map(
    (name) => [name, specialToken.safeParse(config[name]).data] as const,
  );
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
  );
}

function sizeOf({ model: { vocab } }: TokenizerFile, added: readonly { id: number }[]): number {
  const ids = Array.isArray(vocab) ? [vocab.length - 1] : Object.values(vocab);
  return [...ids, ...added.map(({ id }) => id)].reduce((largest, id) => Math.max(largest, id), -1) + 1;
}

/** Those of a class's special tokens that the vocabulary has. */
const knownTokens = (named: Readonly<Record<string, string>>, file: TokenizerFile) =>
  Object.fromEntries(Object.entries(named).filter(([, content]) => tokenId(file, content) !== -1));

/** The id of a token's text, -1 if there is none. */
function tokenId({ added_tokens, model: { vocab } }: TokenizerFile, content: string): number {
  const added = added_tokens.find((token) => token.content === content)?.id;
  if (added !== undefined) return added;
  return Array.isArray(vocab) ? vocab.findIndex(([text]) => text === content) : (vocab[content] ?? -1);
}

/** Tokens that the config names as special are cut out of the text even if the file lists them as ordinary ones. */
function withConfiguredTokens(file: TokenizerFile, named: Record<string, string>, directory: string) {
  const added = [...file.added_tokens];
  for (const [name, content] of Object.entries(named)) {
    const id = tokenId(file, content);
    if (id === -1) {
      throw new EngineError(
        `${directory}: ${name} ${JSON.stringify(content)} is not in tokenizer.json; add it to the vocabulary or correct tokenizer_config.json.`,
      );
    }
    if (added.some((token) => token.content === content)) continue;
    added.push({ content, id, special: true, normalized: false });
  }
  return added;
}

const component: z.ZodType<Component> = z.lazy(() =>
  z.looseObject({
    type: z.string(),
    trim_offsets: z.boolean().optional(),
    add_prefix_space: z.boolean().optional(),
    pretokenizers: z.array(component).optional(),
    processors: z.array(component).optional(),
    decoders: z.array(component).optional(),
  }),
);
interface Component {
  type: string;
  trim_offsets?: boolean | undefined;
  add_prefix_space?: boolean | undefined;
  pretokenizers?: Component[] | undefined;
  processors?: Component[] | undefined;
  decoders?: Component[] | undefined;
}

function alphabetOf(preTokenizer: unknown, postProcessor: unknown) {
  const trimming = flatten(postProcessor).find(
    ({ type, trim_offsets }) => ["ByteLevel", "RobertaProcessing"].includes(type) && trim_offsets !== false,
  );
  return {
    byteLevel: flatten(preTokenizer).some(({ type }) => type === "ByteLevel"),
    trimOffsets: trimming !== undefined,
    addPrefixSpace: trimming?.add_prefix_space !== false,
  };
}

function flatten(value: unknown): Component[] {
  const parsed = component.safeParse(value);
  if (!parsed.success) return [];
  const { pretokenizers = [], processors = [], decoders = [] } = parsed.data;
  return [parsed.data, ...[...pretokenizers, ...processors, ...decoders].flatMap(flatten)];
}
