import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson } from "../files";
import { ChatTemplate, type RenderOptions } from "./chat-template";
import type { Message } from "./examples";
import type { TextPart } from "./feedback";
import { type TokenAlphabet, tokenAt, tokenOffsets } from "./offsets";
import { taggedTemplateFor } from "./tagged-templates";

const addedToken = z.looseObject({ content: z.string(), id: z.int(), special: z.boolean().optional() });

const tokenizerFile = z.looseObject({
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), z.int()), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  added_tokens: z.array(addedToken).default([]),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
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
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() })), z.null()])
    .optional(),
});
type TokenizerConfig = z.infer<typeof tokenizerConfig>;

export type AssistantMask =
  | { ids: number[]; mask: number[]; problem: null }
  | { ids: number[]; mask: null; problem: string };

/** A model's tokenizer and chat template, giving the ids that transformers and TRL give. */
export class ChatTokenizer {
  readonly eosToken: string;
  readonly eosId: number;
  /** Padding falls back to the end-of-sequence token. */
  readonly padId: number;
  /** Texts that become single special tokens wherever they occur, also in what users write. */
  readonly specialTexts: readonly string[];
  readonly #directory: string;
  readonly #tokenizer: Tokenizer;
  readonly #alphabet: TokenAlphabet;
  readonly #templates: { main: ChatTemplate; tools: ChatTemplate } | null;
  readonly #variables: Record<string, string>;
  #tagged: ChatTemplate | null | undefined;

  constructor(
    directory: string,
    file: TokenizerFile,
    config: TokenizerConfig,
    templates: NamedTemplates | null,
  ) {
    this.#directory = directory;
    this.#variables = namedTexts(config);
    this.#tokenizer = new Tokenizer(withConfiguredTokens(file, config, this.#variables, directory), config);
    this.#alphabet = alphabetOf(file, config);
    const eos = this.#variables.eos_token;
    const eosId = eos === undefined ? undefined : this.#tokenizer.token_to_id(eos);
    if (eos === undefined || eosId === undefined) {
      throw new EngineError(
        `${directory} names no eos_token that its tokenizer has; set eos_token in tokenizer_config.json.`,
      );
    }
    this.eosToken = eos;
    this.eosId = eosId;
    this.padId = this.#tokenizer.token_to_id(this.#variables.pad_token ?? eos) ?? eosId;
    this.#variables.pad_token ??= eos;
    this.specialTexts = [...this.#tokenizer.get_added_tokens_decoder().values()]
      .filter(({ special }) => special)
      .map(({ content }) => content);
    this.#templates = templates && {
      main: new ChatTemplate(templates.main, this.#variables),
      tools: new ChatTemplate(templates.tools, this.#variables),
    };
  }

  /** Ids of a plain text, with the special tokens that the tokenizer adds (often BOS). */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text).ids;
  }

  decode(ids: number[], { skipSpecialTokens = false } = {}): string {
    if (ids.length === 0) return "";
    return this.#tokenizer.decode(ids, {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  }

  /** The conversation as text, in the model's template. @throws EngineError if there is none or it fails. */
  render(messages: readonly Message[], options: RenderOptions = {}): string {
    return this.#rendered(() => this.#template(options).render(messages, options));
  }

  /** Ids of a conversation; special tokens come from the template only. */
  encodeChat(messages: readonly Message[], options: RenderOptions = {}): number[] {
    return this.#tokenizer.encode(this.render(messages, options), { add_special_tokens: false }).ids;
  }

  /** Whether the model's template marks what the assistant wrote. */
  get marksAssistant(): boolean {
    return this.#templates?.main.tagged ?? false;
  }

  /**
   * Ids of a conversation and a mask of the tokens the assistant wrote, as transformers computes it from
   * `{% generation %}`; models without it get the mask of our tagged template for their family.
   * A row whose mask cannot be known for certain comes back with a `problem` instead.
   * @throws EngineError where the template is of no known family.
   */
  encodeChatWithMask(messages: readonly Message[], options: RenderOptions = {}): AssistantMask {
    const own = this.#template(options);
    const tagged = own.tagged ? own : this.#taggedTemplate();
    const { text, spans } = this.#rendered(() => tagged.renderWithSpans(messages, options));
    const { ids, tokens } = this.#tokenizer.encode(text, { add_special_tokens: false });
    if (tagged !== own && text !== this.#rendered(() => own.render(messages, options))) {
      const expected = this.encodeChat(messages, options);
      return {
        ids: expected,
        mask: null,
        problem: "the tagged template of this family renders the row differently",
      };
    }
    const offsets = tokenOffsets(this.#tokenizer, this.#alphabet, text, tokens);
    if (offsets === null) return { ids, mask: null, problem: "its tokens cannot be aligned with its text" };
    const mask = ids.map(() => 0);
    for (const { start, end } of spans) {
      // Word for word what transformers does, including a last token of null or 0 meaning "to the end".
      const first = tokenAt(offsets, start);
      const last = tokenAt(offsets, lastCharacter(text, end));
      if (first === null) break;
      mask.fill(1, first, last ? last + 1 : ids.length);
    }
    return { ids, mask, problem: null };
  }

  /**
   * Ids of a plain text given in parts, and a mask of the tokens that begin in a part that counts; the text's
   * end-of-sequence token counts if its last part does. Null where tokens cannot be aligned with the text.
   */
  encodeParts(parts: readonly TextPart[]): { input_ids: number[]; mask: number[] } | null {
    const text = parts.map((part) => part.text).join("");
    const { ids, tokens } = this.#tokenizer.encode(text + this.eosToken, { add_special_tokens: false });
    const offsets = tokenOffsets(this.#tokenizer, this.#alphabet, text + this.eosToken, tokens);
    if (offsets === null) return null;
    const ends = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, part) => sum + part.text.length, 0));
    const counts = (start: number) => (parts[ends.findIndex((end) => start < end)] ?? parts.at(-1))?.counts;
    const mask = offsets.map(({ start }) => (counts(start) ? 1 : 0));
    const whole = this.encode(text + this.eosToken);
    const added = whole.length - ids.length;
    // Special tokens that the tokenizer adds stand in front (BOS); where they do not, the text cannot be aligned.
    if (added < 0 || ids.some((id, i) => whole[i + added] !== id)) return null;
    return { input_ids: whole, mask: [...Array.from({ length: added }, () => 0), ...mask] };
  }

  #taggedTemplate(): ChatTemplate {
    const main = this.#template({});
    this.#tagged ??= taggedTemplateFor(main, this.#variables)?.template ?? null;
    if (this.#tagged === null) {
      throw new EngineError(
        `${this.#directory}: assistant_only_loss needs a chat template with {% generation %}, or one of the families ChatML, Qwen 2.5, Qwen 3, Llama 3, Gemma and Phi-3; add the tags to the template or set chat_template_path.`,
      );
    }
    return this.#tagged;
  }

  #template({ tools }: RenderOptions): ChatTemplate {
    if (this.#templates === null) {
      throw new EngineError(
        `${this.#directory} has no chat template for conversations; set chat_template_path or use rows of plain text.`,
      );
    }
    return tools ? this.#templates.tools : this.#templates.main;
  }

  #rendered<Result>(render: () => Result): Result {
    try {
      return render();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(`the chat template of ${this.#directory} fails: ${reason}`);
    }
  }
}

/**
 * Opens tokenizer.json, tokenizer_config.json and the chat template of a Hugging Face model directory.
 * @param chatTemplatePath a Jinja file to use instead of the model's template
 * @throws EngineError naming the file that is missing or cannot be read.
 */
export function openTokenizer(directory: string, chatTemplatePath: string | null = null): ChatTokenizer {
  const file = optionalJson(join(directory, "tokenizer.json"), tokenizerFile);
  if (file === null) {
    throw new EngineError(
      `${directory} has no tokenizer.json; convert its tokenizer with transformers (save_pretrained) first.`,
    );
  }
  const legacy = optionalJson(join(directory, "special_tokens_map.json"), z.looseObject(namedTokens)) ?? {};
  const config = optionalJson(join(directory, "tokenizer_config.json"), tokenizerConfig) ?? {};
  const templates = readTemplates(directory, config, chatTemplatePath);
  return new ChatTokenizer(directory, file, { ...legacy, ...config }, templates);
}

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

/**
 * What transformers changes when it loads tokenizer.json: tokens that the config names as special are cut out
 * of the text even if the file lists them as ordinary ones, and add_bos_token/add_eos_token, where written,
 * replace the post-processor.
 */
function withConfiguredTokens(
  file: TokenizerFile,
  config: TokenizerConfig,
  named: Record<string, string>,
  directory: string,
): TokenizerFile {
  const { vocab } = file.model;
  const idOf = (content: string) =>
    file.added_tokens.find((token) => token.content === content)?.id ??
    (Array.isArray(vocab) ? vocab.findIndex(([text]) => text === content) : (vocab[content] ?? -1));
  const added = [...file.added_tokens];
  for (const [name, content] of Object.entries(named)) {
    const id = idOf(content);
    if (id === -1) {
      throw new EngineError(
        `${directory}: ${name} ${JSON.stringify(content)} is not in tokenizer.json; add it to the vocabulary or correct tokenizer_config.json.`,
      );
    }
    if (!added.some((token) => token.content === content))
      added.push({ content, id, special: true, normalized: false });
  }
  if (config.add_bos_token == null && config.add_eos_token == null) return { ...file, added_tokens: added };
  const piece = (content: string | undefined) =>
    content === undefined ? [] : [{ SpecialToken: { id: content, type_id: 0 } }];
  const bos = config.add_bos_token === true ? named.bos_token : undefined;
  const eos = config.add_eos_token === true ? named.eos_token : undefined;
  const single = [...piece(bos), { Sequence: { id: "A", type_id: 0 } }, ...piece(eos)];
  return {
    ...file,
    added_tokens: added,
    post_processor: { type: "TemplateProcessing", single, pair: single },
  };
}

const component: z.ZodType<Component> = z.lazy(() =>
  z.looseObject({
    type: z.string(),
    trim_offsets: z.boolean().optional(),
    add_prefix_space: z.boolean().optional(),
    pretokenizers: z.array(component).optional(),
    processors: z.array(component).optional(),
  }),
);
interface Component {
  type: string;
  trim_offsets?: boolean | undefined;
  add_prefix_space?: boolean | undefined;
  pretokenizers?: Component[] | undefined;
  processors?: Component[] | undefined;
}

function alphabetOf(file: TokenizerFile, config: TokenizerConfig): TokenAlphabet {
  const replaced = config.add_bos_token != null || config.add_eos_token != null;
  const processors = replaced ? [] : flatten(file.post_processor);
  const trimming = processors.find(
    ({ type, trim_offsets }) => ["ByteLevel", "RobertaProcessing"].includes(type) && trim_offsets !== false,
  );
  return {
    byteLevel: flatten(file.pre_tokenizer).some(({ type }) => type === "ByteLevel"),
    trimOffsets: trimming !== undefined,
    addPrefixSpace: trimming?.add_prefix_space !== false,
  };
}

function flatten(value: unknown): Component[] {
  const parsed = component.safeParse(value);
  if (!parsed.success) return [];
  const { pretokenizers = [], processors = [] } = parsed.data;
  return [parsed.data, ...[...pretokenizers, ...processors].flatMap(flatten)];
}

/** Start of the last character before `end`, which may be the second half of a surrogate pair. */
function lastCharacter(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xdc00 && code <= 0xdfff ? end - 2 : end - 1;
}
