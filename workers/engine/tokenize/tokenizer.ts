import { Tokenizer } from "@huggingface/tokenizers";
import { EngineError } from "../errors";
import { ChatTemplate, type RenderOptions } from "./chat-template";
import { ControlTokenGuard, marked } from "./control-tokens";
import type { Message } from "./examples";
import { bytesOfToken, type TokenAlphabet, tokenOffsets } from "./offsets";
import { spaceRemover } from "./reference-tokenizer";
import { taggedTemplateFor } from "./tagged-templates";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files";

export type AssistantMask =
  | { ids: number[]; mask: number[]; problem: null }
  | { ids: number[]; mask: null; problem: string };

export interface TextPart {
  text: string;
  /** Whether the loss looks at these tokens. */
  counts: boolean;
}

/** A model's tokenizer and chat template, giving the ids that transformers and TRL give. */
export class ChatTokenizer {
  readonly eosToken: string;
  readonly eosId: number;
  /** Padding falls back to the end-of-sequence token. */
  readonly padId: number;
  /** The beginning-of-sequence token; null where the tokenizer names none. */
  readonly bosId: number | null;
  /** Texts that become single special tokens wherever they occur, also in what users write. */
  readonly specialTexts: readonly string[];
  readonly #directory: string;
  /** Ids that its tokens have: one more than the largest. */
  readonly #size: number;
  readonly #tokenizer: Tokenizer;
  readonly #alphabet: TokenAlphabet;
  readonly #withoutSwallowedSpaces: (text: string) => string;
  readonly #templates: { main: ChatTemplate; tools: ChatTemplate } | null;
  readonly #variables: Record<string, string>;
  readonly #json: TokenizerFiles["json"];
  readonly #config: TokenizerFiles["config"];
  readonly #sanitize: boolean;
  #guard: ControlTokenGuard | undefined;
  #tagged: { template: ChatTemplate; replaces: boolean } | null | undefined;

  /**
   * @param chatTemplatePath a Jinja file to use instead of the model's template
   * @param sanitize whether special tokens in what people wrote are read as text
   * @throws EngineError naming the file that is missing or cannot be read.
   */
  constructor(directory: string, chatTemplatePath: string | null, sanitize: boolean) {
    const { json, config, alphabet, named, templates, size } = readTokenizerFiles(
      directory,
      chatTemplatePath,
    );
    this.#directory = directory;
    this.#size = size;
    [this.#json, this.#config, this.#sanitize] = [json, config, sanitize];
    this.#tokenizer = new Tokenizer(json, config);
    this.#withoutSwallowedSpaces = spaceRemover([...alphabet.added.values()]);
    this.#alphabet = alphabet;
    const eos = named.eos_token;
    const eosId = eos === undefined ? undefined : this.#tokenizer.token_to_id(eos);
    if (eos === undefined || eosId === undefined) {
      throw new EngineError(
        `${directory} names no eos_token that its tokenizer has; set eos_token in tokenizer_config.json.`,
      );
    }
    this.eosToken = eos;
    this.eosId = eosId;
    this.bosId =
      named.bos_token === undefined ? null : (this.#tokenizer.token_to_id(named.bos_token) ?? null);
    this.#variables = { ...named, pad_token: named.pad_token ?? eos };
    this.padId = this.#tokenizer.token_to_id(this.#variables.pad_token ?? eos) ?? eosId;
    this.specialTexts = [...this.#tokenizer.get_added_tokens_decoder().values()]
      .filter(({ special }) => special)
      .map(({ content }) => content);
    this.#templates = templates && {
      main: new ChatTemplate(templates.main, this.#variables),
      tools: new ChatTemplate(templates.tools, this.#variables),
    };
  }

  /** Ids of a plain text, with the special tokens that the tokenizer adds (often BOS) unless these are not wanted. */
  encode(text: string, { specialTokens = true } = {}): number[] {
    return this.#tokens(text, specialTokens).ids;
  }

  #tokens(text: string, add_special_tokens: boolean): { ids: number[]; tokens: string[] } {
    return this.#tokenizer.encode(this.#withoutSwallowedSpaces(text), { add_special_tokens });
  }

  decode(ids: number[], { skipSpecialTokens = false } = {}): string {
    if (ids.length === 0) return "";
    return this.#tokenizer.decode(ids, {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  }

  /** The UTF-8 that a token stands for, which may begin or end within a character; empty for an id of no token. */
  bytesOf(id: number): Uint8Array {
    return bytesOfToken(this.#tokenizer.id_to_token(id) ?? "", this.#alphabet);
  }

  /** The UTF-8 that each id below `count` adds to a text; null for those that add none: special ones, and ids of no token. */
  writtenBytes(count: number): (Uint8Array | null)[] {
    const added = this.#tokenizer.get_added_tokens_decoder();
    return Array.from({ length: count }, (_, id) =>
      added.get(id)?.special || this.#tokenizer.id_to_token(id) === undefined ? null : this.bytesOf(id),
    );
  }

  /** What is to be said of a token whose id the model's embedding has no row for. */
  beyond(id: number, rows: number): string {
    const text = JSON.stringify(this.#tokenizer.id_to_token(id) ?? "");
    return `the token ${text} has the id ${id}, as the tokenizer has ${this.#size} tokens and the model's embedding ${rows}: use the model's own tokenizer, or a model whose embedding was resized to it.`;
  }

  /** The conversation as text, in the model's template. @throws EngineError if there is none or it fails. */
  render(messages: readonly Message[], options: RenderOptions = {}): string {
    return this.#rendered(() => this.#template(options).render(messages, options));
  }

  /** Ids of a conversation; special tokens come from the template only. */
  encodeChat(messages: readonly Message[], options: RenderOptions = {}): number[] {
    if (!this.sanitizes(options)) return this.#tokens(this.render(messages, options), false).ids;
    this.#guard ??= new ControlTokenGuard(this.#json, this.#config, (text) => this.#tokens(text, false).ids);
    const control = this.#guard.control(this.#template(options).literals);
    return this.#guard.encode(this.render(marked(messages, control), marked(options, control)));
  }

  /** Whether special tokens that people typed are read as text: asked for by the run or, as in transformers, by the row. */
  sanitizes({ chat_template_kwargs }: RenderOptions): boolean {
    return this.#sanitize || chat_template_kwargs?.sanitize_control_tokens === true;
  }

  /** Ids of a prompt that begins what `encodeChatWithMask` gives for prompt and answer. */
  encodeMaskedPrompt(messages: readonly Message[], options: RenderOptions = {}): number[] {
    const { template } = this.#taggedTemplate(options);
    const text = this.#rendered(() => template.render(messages, { ...options, addGenerationPrompt: true }));
    return this.#tokens(text, false).ids;
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
    if (this.sanitizes(options)) {
      throw new EngineError("sanitize_control_tokens cannot tell what the assistant wrote: remove it.");
    }
    const own = this.#template(options);
    const { template, replaces } = this.#taggedTemplate(options);
    const { text, spans } = this.#rendered(() => template.renderWithSpans(messages, options));
    const { ids, tokens } = this.#tokens(text, false);
    if (!replaces && text !== this.#rendered(() => own.render(messages, options))) {
      const problem = "the tagged template of this family renders the row differently";
      return { ids: this.encodeChat(messages, options), mask: null, problem };
    }
    const offsets = tokenOffsets(this.#tokenizer, this.#alphabet, text, tokens);
    if (offsets === null) return { ids, mask: null, problem: "its tokens cannot be aligned with its text" };
    // As transformers (5.23 and later) does it: every token that a span touches.
    let span = 0;
    const mask = offsets.map(({ start, end }): number => {
      while (span < spans.length && start >= spans[span].end) span++;
      return span < spans.length && end > spans[span].start ? 1 : 0;
    });
    return { ids, mask, problem: null };
  }

  /**
   * Ids of a plain text given in parts, and a mask of the tokens that begin in a part that counts; the text's
   * end-of-sequence token counts if its last part does. Null where tokens cannot be aligned with the text.
   */
  encodeParts(parts: readonly TextPart[]): { input_ids: number[]; mask: number[] } | null {
    const text = parts.map((part) => part.text).join("");
    const { ids, tokens } = this.#tokens(text + this.eosToken, false);
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

  /** The model's template if it is tagged, or ours for its family. */
  #taggedTemplate(options: RenderOptions): { template: ChatTemplate; replaces: boolean } {
    const own = this.#template(options);
    if (own.tagged) return { template: own, replaces: true };
    this.#tagged ??= taggedTemplateFor(this.#template({}), this.#variables);
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

/** The tokenizer and chat template of a Hugging Face model directory; `chatTemplatePath` replaces the template. */
export const openTokenizer = (
  directory: string,
  chatTemplatePath: string | null = null,
  { sanitize = false }: { sanitize?: boolean } = {},
) => new ChatTokenizer(directory, chatTemplatePath, sanitize);
