import { Tokenizer } from "@huggingface/tokenizers";
import { entriesOf, WrittenNumber, WrittenObject } from "../../../db/shape/written-json";
import { EngineError } from "../errors";
import { escapePattern } from "./reference-tokenizer";
import type { TokenizerFiles } from "./tokenizer-files";

/**
 * Special tokens that people typed, read as text: transformers' `sanitize_control_tokens`, whose steps these are. What
 * comes into the template is searched for control tokens, which are put between two private characters; the rendered
 * conversation is cut at these, and what stands between is encoded by a tokenizer that has no added tokens.
 */

const open = "\u{f0000}";
const close = "\u{f0001}";

const anyOf = (texts: readonly string[]) =>
  [...texts]
    .sort((a, b) => b.length - a.length)
    .map(escapePattern)
    .join("|") || "(?!)";

/** A value whose texts have their control tokens marked; names of keys stay as they are. */
export function marked<Value>(value: Value, control: RegExp): Value;
export function marked(value: unknown, control: RegExp): unknown {
  if (typeof value === "string") {
    return value.replaceAll(open, "").replaceAll(close, "").replace(control, `${open}$&${close}`);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => marked(item, control));
  if (typeof value !== "object" || value === null || value instanceof WrittenNumber) return value;
  const entries = entriesOf(value).map(([name, item]): [string, unknown] => [name, marked(item, control)]);
  return value instanceof WrittenObject ? new WrittenObject(entries) : Object.fromEntries(entries);
}

export class ControlTokenGuard {
  readonly #encode: (text: string) => number[];
  readonly #bare: Tokenizer;
  readonly #added: readonly { id: number; content: string; special?: boolean | undefined }[];
  readonly #listed: readonly string[] | null;
  readonly #markers: RegExp;
  readonly #newline: readonly number[];

  /** @param encode the tokenizer's own way, without special tokens around the text. */
  constructor(
    json: TokenizerFiles["json"],
    config: TokenizerFiles["config"],
    encode: (text: string) => number[],
  ) {
    this.#encode = encode;
    this.#bare = new Tokenizer({ ...json, added_tokens: [], post_processor: null }, config);
    this.#added = json.added_tokens;
    this.#listed = config.chat_control_tokens ?? null;
    const tokens = anyOf(this.#added.map(({ content }) => content));
    this.#markers = new RegExp(`${open}(${tokens})${close}|[${open}${close}]`, "u");
    this.#newline = encode("\n");
  }

  /** The control tokens of a template: all special ones, and of the others those that are listed or stand in it. */
  control(literals: string): RegExp {
    const listed = this.#listed;
    const named = ({ content }: { content: string }) =>
      listed === null ? literals.includes(content) && content.trim() !== "" : listed.includes(content);
    const tokens = this.#added.filter((token) => token.special || named(token));
    return new RegExp(anyOf(tokens.map(({ content }) => content)), "gu");
  }

  /** Ids of a rendered conversation whose control tokens are marked where people wrote them. */
  encode(chat: string): number[] {
    const [first = "", ...pieces] = chat.split(this.#markers);
    return [
      ...this.#encode(first),
      // Every second piece is a marked token; a mark without its partner leaves nothing there.
      ...pieces.flatMap((piece: string | undefined, i) => (piece ? this.#piece(piece, i % 2 === 0) : [])),
    ];
  }

  #piece(piece: string, isText: boolean): number[] {
    const encode = isText
      ? (text: string) => this.#bare.encode(text, { add_special_tokens: false }).ids
      : this.#encode;
    // Behind a newline, so that nothing is put in front of it as at the start of a text.
    const behind = encode(`\n${piece}`);
    const begins = this.#newline.every((id, i) => behind[i] === id);
    const ids = begins ? behind.slice(this.#newline.length) : encode(piece);
    const own = this.#added.find(({ content }) => content === piece)?.id;
    if (isText && own !== undefined && ids.includes(own)) {
      throw new EngineError(
        `${JSON.stringify(piece)} cannot be read as text: the tokenizer makes it of plain text.`,
      );
    }
    return ids;
  }
}
