import type { Usage } from "../../db/shape/endpoint";

/** US dollars per million tokens; null: nobody said. */
export interface Prices {
  inputPrice: number | null;
  /** Of the prompt's tokens that the provider had in its cache; null: as the others. */
  cachedPrice: number | null;
  outputPrice: number | null;
}

const MILLION = 1e6;

/** What tokens cost, in US dollars; null where a price or a number of tokens is not known. */
export function costOf({ input, cached, output }: Usage, prices: Prices): number | null {
  const { inputPrice, outputPrice } = prices;
  if (input === 0 && output === 0) return 0;
  if (inputPrice === null || outputPrice === null || input === null || output === null) return null;
  const fromCache = Math.min(cached ?? 0, input);
  return (
    ((input - fromCache) * inputPrice +
      fromCache * (prices.cachedPrice ?? inputPrice) +
      output * outputPrice) /
    MILLION
  );
}

/** What is known of a request before it is sent. */
export interface Size {
  /** UTF-8 bytes of its texts, schema and tools. */
  bytes: number;
  turns: number;
  maxTokens: number;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

export function sizeOf({
  messages,
  schema,
  tools,
  maxTokens,
}: {
  messages: readonly object[];
  schema?: object;
  tools?: readonly object[];
  maxTokens: number;
}): Size {
  const texts = [messages, schema ?? "", tools ?? ""].map((part) => JSON.stringify(part));
  return {
    bytes: sum(texts.map((text) => Buffer.byteLength(text))),
    turns: messages.length,
    maxTokens,
  };
}

/** Bytes a token has in ordinary text of most languages. */
const BYTES_A_TOKEN = 4;
/** Tokens that a chat template puts around a turn, at most. */
const TEMPLATE_TOKENS = 16;

/** Tokens of a prompt as they are likely, for estimates and for pace. */
export const likelyInput = ({ bytes, turns }: Size): number =>
  Math.ceil(bytes / BYTES_A_TOKEN) + turns * TEMPLATE_TOKENS;

/** What a request costs at most, in US dollars: no tokenizer makes more tokens than bytes. Null without prices. */
export const mostCost = ({ bytes, turns, maxTokens }: Size, prices: Prices): number | null =>
  costOf(
    { input: bytes + turns * TEMPLATE_TOKENS, cached: 0, output: maxTokens },
    { ...prices, cachedPrice: null },
  );

/** What requests will cost, before any is made. @param times how many requests each of these stands for */
export function estimate(sizes: readonly Size[], prices: Prices, times = 1) {
  const input = Math.round(times * sum(sizes.map(likelyInput)));
  const output = Math.round(times * sum(sizes.map(({ maxTokens }) => maxTokens)));
  return {
    calls: Math.round(times * sizes.length),
    /** Tokens of the prompts, likely. */
    input,
    /** Tokens of the replies, at most. */
    output,
    /** US dollars for these; null without prices. */
    cost: costOf({ input, cached: 0, output }, prices),
  };
}
