import type { Tokenizer } from "@huggingface/tokenizers";
import { type AddedToken, leadingSpace } from "./reference-tokenizer";

/** Which part of the text a token covers, in UTF-16 units, end exclusive; empty for tokens without text. */
export interface Offset {
  start: number;
  end: number;
}

/** How a tokenizer writes text inside its tokens, read off tokenizer.json. */
export interface TokenAlphabet {
  /** Every token character stands for one byte of UTF-8 (GPT-2, Llama 3, Qwen); otherwise `▁` stands for a space. */
  byteLevel: boolean;
  /** The post-processor takes surrounding spaces out of offsets, as Llama 3's does. */
  trimOffsets: boolean;
  /** With `trimOffsets`: a single space that was added in front of the text is kept. */
  addPrefixSpace: boolean;
  /** Tokens that are cut out of the text as a whole, by their text. */
  added: ReadonlyMap<string, AddedToken>;
}

/**
 * Offsets of tokens as the Rust tokenizers report them; the JavaScript port has none, so the text is walked
 * along its tokens.
 * @param tokens all tokens of `text`, encoded without special tokens
 * @returns null where the walk loses the text (unknown tokens, lossy normalisers): the caller must not guess.
 */
export function tokenOffsets(
  tokenizer: Tokenizer,
  alphabet: TokenAlphabet,
  text: string,
  tokens: readonly string[],
): Offset[] | null {
  const { added } = alphabet;
  const offsets: Offset[] = [];
  let cursor = 0;
  for (let i = 0; i < tokens.length; ) {
    const special = added.get(tokens[i] ?? "");
    if (special !== undefined) {
      const start = cursor;
      if (special.lstrip) cursor = skipWhitespace(text, cursor);
      if (!text.startsWith(special.content, cursor)) return null;
      cursor += special.content.length;
      if (special.rstrip) cursor = skipWhitespace(text, cursor);
      offsets.push({ start, end: cursor });
      i++;
      continue;
    }
    let last = i;
    while (last < tokens.length && !added.has(tokens[last] ?? "")) last++;
    const run = tokens.slice(i, last);
    const walked = alphabet.byteLevel
      ? walkBytes(tokenizer, text, cursor, run)
      : walkPieces(text, cursor, run);
    if (walked === null) return null;
    offsets.push(...walked.offsets);
    cursor = walked.cursor;
    i = last;
  }
  if (cursor !== text.length) return null;
  return alphabet.trimOffsets ? trimSpaces(tokens, offsets, alphabet.addPrefixSpace) : offsets;
}

interface Walk {
  offsets: Offset[];
  cursor: number;
}

/** Byte-level run: its characters, mapped back to bytes, are the UTF-8 of the normalised text. */
function walkBytes(tokenizer: Tokenizer, text: string, from: number, run: readonly string[]): Walk | null {
  const bytes = Uint8Array.from([...run.join("")].map((character) => byteOfCharacter.get(character) ?? 0));
  const surface = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const aligned = alignCharacters(tokenizer, text, from, surface);
  if (aligned === null) return null;
  const owners = aligned.characters.flatMap(({ character, offset }) =>
    Array.from({ length: Buffer.byteLength(character) }, () => offset),
  );
  if (owners.length !== bytes.length) return null;
  let position = 0;
  const offsets = run.map((token) => {
    const length = [...token].length;
    const covered = owners.slice(position, position + length);
    position += length;
    return { start: covered[0]?.start ?? from, end: covered.at(-1)?.end ?? from };
  });
  return { offsets, cursor: aligned.cursor };
}

/** Pairs the characters of the normalised `surface` with the stretches of `text` that they came from. */
function alignCharacters(tokenizer: Tokenizer, text: string, from: number, surface: string) {
  const characters: { character: string; offset: Offset }[] = [];
  let rest = surface;
  let cursor = from;
  if (rest.startsWith(" ") && text[cursor] !== " ") {
    // A space that add_prefix_space put there belongs to the first character.
    characters.push({
      character: " ",
      offset: { start: cursor, end: cursor + characterLength(text, cursor) },
    });
    rest = rest.slice(1);
  }
  if (text.startsWith(rest, cursor)) {
    for (const character of rest) {
      characters.push({ character, offset: { start: cursor, end: cursor + character.length } });
      cursor += character.length;
    }
    return { characters, cursor };
  }
  // The normaliser changed something (NFC composes): go by grapheme, which no normal form crosses.
  for (const { segment } of graphemes.segment(text.slice(cursor))) {
    if (rest === "") break;
    const normalised = tokenizer.normalizer === null ? segment : tokenizer.normalizer(segment);
    if (!rest.startsWith(normalised)) return null;
    const originals = [...segment];
    let start = cursor;
    for (const [i, character] of [...normalised].entries()) {
      const length = originals[i]?.length ?? 0;
      characters.push({ character, offset: { start, end: start + length } });
      start += length;
    }
    rest = rest.slice(normalised.length);
    cursor += segment.length;
  }
  return rest === "" ? { characters, cursor } : null;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** SentencePiece run: `▁` is a space or was put in front, `<0xE2>` is a byte of a character without a token. */
function walkPieces(text: string, from: number, run: readonly string[]): Walk | null {
  const offsets: Offset[] = [];
  let cursor = from;
  let bytesLeft = 0;
  for (const token of run) {
    if (/^<0x[0-9A-F]{2}>$/.test(token) && !text.startsWith(token, cursor)) {
      const length = characterLength(text, cursor);
      if (length === 0) return null;
      if (bytesLeft === 0) bytesLeft = Buffer.byteLength(text.slice(cursor, cursor + length));
      offsets.push({ start: cursor, end: cursor + length });
      bytesLeft--;
      if (bytesLeft === 0) cursor += length;
      continue;
    }
    const start = cursor;
    for (const character of token) {
      if (text.startsWith(character, cursor)) cursor += character.length;
      else if (character === "▁" && text[cursor] === " ") cursor++;
      else if (character !== "▁") return null;
    }
    const end = cursor === start ? start + characterLength(text, start) : cursor;
    offsets.push({ start, end });
  }
  return bytesLeft === 0 ? { offsets, cursor } : null;
}

/** The post-processor's `trim_offsets`: spaces at the edges of a token are not part of its offset. */
function trimSpaces(
  tokens: readonly string[],
  offsets: readonly Offset[],
  addPrefixSpace: boolean,
): Offset[] {
  return offsets.map(({ start, end }, i) => {
    const token = tokens[i] ?? "";
    const leading = /^[Ġ\s]*/u.exec(token)?.[0].length ?? 0;
    const trailing = /[Ġ\s]*$/u.exec(token)?.[0].length ?? 0;
    const kept = (i === 0 || start === 0) && addPrefixSpace && leading === 1;
    const trimmed = kept ? start : Math.min(start + leading, end);
    return { start: trimmed, end: trailing > 0 && end >= trailing ? Math.max(end - trailing, trimmed) : end };
  });
}

function skipWhitespace(text: string, from: number): number {
  return from + (leadingSpace.exec(text.slice(from))?.[0].length ?? 0);
}

function characterLength(text: string, at: number): number {
  const code = text.codePointAt(at);
  return code === undefined ? 0 : String.fromCodePoint(code).length;
}

/** GPT-2's alphabet: printable Latin-1 bytes stand for themselves, the other 68 are shifted to U+0100 and up. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let shifted = 0x100;
  return new Map(
    Array.from({ length: 256 }, (_, byte) => [String.fromCharCode(printable(byte) ? byte : shifted++), byte]),
  );
})();

/** The UTF-8 that a token stands for, which may begin or end within a character. */
export function bytesOfToken(token: string, { byteLevel, added }: TokenAlphabet): Uint8Array {
  const special = added.get(token);
  if (special) return Buffer.from(special.content);
  if (byteLevel) return Uint8Array.from([...token].map((character) => byteOfCharacter.get(character) ?? 0));
  const [, hex] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
  return hex ? Uint8Array.of(Number.parseInt(hex, 16)) : Buffer.from(token.replaceAll("▁", " "));
}
