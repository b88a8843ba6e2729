import type { Message } from "../../db/shape/content";
import type { Capabilities, Reply } from "../../db/shape/endpoint";

/** All that judges, construction, chat, benchmarks and live tasks know of a model, wherever it runs. */
export interface TextModel {
  /** As it is asked for: what answered stands in the end of each generation. */
  readonly name: string;
  capabilities(): Promise<Capabilities>;
  /**
   * Writes a reply: its text in pieces, then exactly one end.
   * @throws TextError where there is no end: nothing was generated, or the answer broke off
   */
  generate(request: GenerateRequest): AsyncIterable<Piece>;
  /** The reward of each response, in its model's own unit; of a DPO model the implicit one, in nats. */
  score?(pairs: readonly ScoredPair[], signal?: AbortSignal): Promise<number[]>;
  /** How likely each continuation is after the context, which is text and no conversation. */
  logprobs?(
    context: string,
    continuations: readonly string[],
    signal?: AbortSignal,
  ): Promise<ContinuationLogprob[]>;
  /** @param told hears how many tokens the texts had; null where its provider does not say */
  embed?(
    texts: readonly string[],
    signal?: AbortSignal,
    told?: (tokens: number | null) => void,
  ): Promise<Float32Array[]>;
}

export interface GenerateRequest {
  /** The conversation so far; what the system says is its first turn. */
  messages: readonly Message[];
  /** Tokens at most. */
  maxTokens: number;
  /** 0: the likeliest token each time. */
  temperature: number;
  topP?: number;
  seed?: number;
  /** Texts at which it ends, which are not part of the reply. */
  stop?: readonly string[];
  /** JSON Schema of the reply. */
  schema?: Record<string, unknown>;
  tools?: readonly Tool[];
  /** The tool it must call. */
  toolChoice?: string;
  /** Alternatives whose log-probability is told at each token. */
  logprobs?: number;
  signal?: AbortSignal;
}

interface Tool {
  name: string;
  description: string;
  /** JSON Schema of its arguments. */
  parameters: Record<string, unknown>;
}

export type Piece = { type: "text"; text: string } | { type: "reasoning"; text: string } | End;

/** What there is to say when all was written. */
export type End = { type: "end" } & Omit<Reply, "text" | "reasoning">;

export interface ScoredPair {
  messages: readonly Message[];
  response: string;
}

export interface ContinuationLogprob {
  /** Natural logarithm of its probability after the context. */
  sum: number;
  tokens: number;
  /** Whether each of its tokens is the likeliest one. */
  greedy: boolean;
}

/** Why there is no answer, for whoever decides whether to ask again. */
export class TextError extends Error {
  override name = "TextError";
  constructor(
    /** One sentence a person can act on. */
    message: string,
    /** `later`: the same request may be answered when it is sent again; `never`: it will not. */
    readonly again: "later" | "never",
    readonly details: {
      status?: number;
      /** How long the provider wants to be left alone. */
      retryAfterMs?: number;
      /** It may have been answered and charged, and nobody here knows. */
      maybeCharged?: boolean;
      /** Every other call would hear the same: it is about the key, the money or the model. */
      forAll?: boolean;
      /** The provider withholds an answer to this prompt. */
      filtered?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}
