import { z } from "zod";

/**
 * Where the JavaScript tokenizers take JavaScript's idea of white space instead of Unicode's (they count
 * U+FEFF, which starts many pasted texts, and miss U+0085): GPT-2's built-in pattern and the spaces around
 * special tokens. tokenizer.json is rewritten so that neither is used.
 */

/** GPT-2's pattern, which `ByteLevel` uses unless another one is set. */
const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const preTokenizer: z.ZodType<PreTokenizer> = z.lazy(() =>
  z.looseObject({
    type: z.string(),
    use_regex: z.boolean().optional(),
    add_prefix_space: z.boolean().optional(),
    pretokenizers: z.array(preTokenizer).optional(),
  }),
);
interface PreTokenizer {
  type: string;
  use_regex?: boolean | undefined;
  add_prefix_space?: boolean | undefined;
  pretokenizers?: PreTokenizer[] | undefined;
  [option: string]: unknown;
}

/** The pre-tokenizer with GPT-2's pattern spelled out as a `Split`, whose patterns are read as Unicode's. */
export function withExplicitPattern(value: unknown): unknown {
  const parsed = preTokenizer.safeParse(value);
  if (!parsed.success) return value;
  const { type, use_regex, add_prefix_space, pretokenizers } = parsed.data;
  if (pretokenizers) return { ...parsed.data, pretokenizers: pretokenizers.map(withExplicitPattern) };
  // With add_prefix_space the space must come before the split: left as it is.
  if (type !== "ByteLevel" || use_regex === false || add_prefix_space === true) return value;
  const split = { type: "Split", pattern: { Regex: gpt2Pattern }, behavior: "Isolated", invert: false };
  return { type: "Sequence", pretokenizers: [split, { ...parsed.data, use_regex: false }] };
}

/** A token that is cut out of the text before anything else, and whether it swallows spaces around it. */
export interface AddedToken {
  content: string;
  lstrip?: boolean | undefined;
  rstrip?: boolean | undefined;
}

/** Removes the white space that added tokens swallow; longer tokens win over shorter ones. */
export function spaceRemover(tokens: readonly AddedToken[]): (text: string) => string {
  if (!tokens.some(({ lstrip, rstrip }) => lstrip || rstrip)) return (text) => text;
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  const contents = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const anyToken = new RegExp(`(${contents.map(escapePattern).join("|")})`, "gu");
  return (text) => {
    const pieces = text.split(anyToken);
    return pieces
      .map((piece, i) => {
        if (i % 2 === 1) return piece;
        const left = byContent.get(pieces[i - 1] ?? "")?.rstrip ? piece.replace(leadingSpace, "") : piece;
        return byContent.get(pieces[i + 1] ?? "")?.lstrip ? left.replace(trailingSpace, "") : left;
      })
      .join("");
  };
}

export const leadingSpace = /^\p{White_Space}+/u;
const trailingSpace = /\p{White_Space}+$/u;

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
