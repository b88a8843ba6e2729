import { z } from "zod";

/**
 * Where the JavaScript tokenizers split text otherwise than the reference: they take JavaScript's white space instead
 * of Unicode's (they count U+FEFF, which starts many pasted texts, and miss U+0085), ASCII's digits and words, and
 * isolate what a pattern matches whatever else it asks for. tokenizer.json is rewritten so that they do none of it.
 */

/** GPT-2's pattern, which `ByteLevel` uses unless another one is set. */
const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const punctuation = "[\\p{P}!-/:-@\\[-`{-~]";
/** Rust's `\w`, which counts the joiners of emoji and of Indic scripts. */
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\u200c\u200d";

const pattern = z.union([
  z.object({ Regex: z.string() }).transform((written) => written.Regex),
  z.object({ String: z.string() }).transform((literal) => escapePattern(literal.String)),
]);

const preTokenizer = z.looseObject({
  type: z.string(),
  pretokenizers: z.array(z.unknown()).optional(),
  use_regex: z.boolean().optional(),
  add_prefix_space: z.boolean().optional(),
  individual_digits: z.boolean().optional(),
  behavior: z.string().optional(),
  pattern: pattern.optional(),
  invert: z.boolean().optional(),
});

/** The pre-tokenizer with every splitter spelled out as a `Split`, whose patterns are read as Unicode's. */
export function withExplicitPattern(value: unknown): unknown {
  const { success, data } = preTokenizer.safeParse(value);
  if (!success) return value;
  switch (data.type) {
    case "Sequence":
      return { ...data, pretokenizers: data.pretokenizers?.map(withExplicitPattern) };
    case "ByteLevel":
      // With add_prefix_space the space must come before the split: left as it is.
      if (data.use_regex === false || data.add_prefix_space === true) return value;
      return { type: "Sequence", pretokenizers: [split(gpt2Pattern), { ...data, use_regex: false }] };
    case "Digits":
      return split(data.individual_digits ? "\\p{N}" : "\\p{N}+");
    case "Punctuation":
      return split(punctuation, data.behavior);
    case "Whitespace":
      return { ...split(`[${word}]+|[^${word}\\s]+`, "Removed"), invert: true };
    case "WhitespaceSplit":
      return split("\\s+", "Removed");
    case "Split":
      return data.pattern === undefined || data.invert ? value : split(data.pattern, data.behavior);
    default:
      return value;
  }
}

/** A `Split` that does with the matches what `behavior` says, by isolating them or what they are merged with. */
function split(match: string, behavior = "Isolated") {
  const others = `(?:(?!${match})[\\s\\S])*`;
  const merged: Readonly<Record<string, string>> = {
    Contiguous: `(?:${match})+`,
    MergedWithPrevious: `${others}(?:${match})`,
    MergedWithNext: `(?:${match})${others}`,
  };
  const Regex = merged[behavior] ?? match;
  return {
    type: "Split",
    pattern: { Regex },
    behavior: behavior in merged ? "Isolated" : behavior,
    invert: false,
  };
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

/** Also for patterns of the `u` kind, where a hyphen must not be escaped. */
export const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
