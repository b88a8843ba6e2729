import type { ToldToken } from "../../../db/shape/model-call";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A token as OpenAI writes it: as text, or byte by byte where it begins or ends within a character. */
function tokenText(bytes: readonly number[]): string {
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    return `bytes:${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
  }
}

const told = ({ bytes, logp }: { bytes: number[]; logp: number | null }) => ({
  token: tokenText(bytes),
  // Of a continuation every token has one.
  logprob: logp ?? 0,
  bytes,
});

/** Log-probabilities as chat completions have them. */
export const chatLogprobs = (tokens: readonly ToldToken[]) => ({
  content: tokens.map((token) => ({ ...told(token), top_logprobs: token.top.map(told) })),
  refusal: null,
});

/** Log-probabilities as completions have them, of tokens whose text begins `offset` characters into the answer. */
export class CompletionLogprobs {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #offset = 0;

  of(tokens: readonly ToldToken[]) {
    return {
      tokens: tokens.map(({ bytes }) => tokenText(bytes)),
      token_logprobs: tokens.map(({ logp }) => logp),
      top_logprobs: tokens.map(alternatives),
      text_offset: tokens.map(({ bytes }) => {
        const start = this.#offset;
        this.#offset += [...this.#decoder.decode(Uint8Array.from(bytes), { stream: true })].length;
        return start;
      }),
    };
  }
}

/** By text, the token itself included. Of two tokens with one text the likelier stays. */
function alternatives({ bytes, logp, top }: ToldToken): Record<string, number> | null {
  if (logp === null) return null;
  const all = [
    ...top.map((other) => [tokenText(other.bytes), other.logp] as const),
    [tokenText(bytes), logp] as const,
  ];
  return Object.fromEntries(all.toReversed());
}
