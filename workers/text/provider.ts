import type { EmbeddingModelV3, LanguageModelV3, SharedV3ProviderOptions } from "@ai-sdk/provider";
import type { Capabilities, TokenLogprob } from "../../db/shape/endpoint";
import { type GenerateRequest, TextError } from "./model";

/** What it takes to ask a model of a provider. */
export interface Access {
  /** The base address; null: the provider's own. */
  url: string | null;
  key: string | null;
  /** The model's name as its provider knows it. */
  model: string;
  /** The only way out, which guards where requests go. */
  fetch: typeof fetch;
  capabilities: Capabilities;
}

/** A provider's model by its package, and what the package leaves out. */
export interface Provider {
  language: LanguageModelV3;
  embedding?: EmbeddingModelV3;
  /** What has no common name. */
  options?(request: GenerateRequest): SharedV3ProviderOptions | null;
  /** What stands only in the chunk as it came. */
  read?(raw: unknown): Extra;
  /** What an error says in its body. */
  explain?(body: unknown): Explained;
  /** What the provider says of the model without being asked to write. */
  describe?(signal: AbortSignal): Promise<Description>;
}

/**
 * What an error means where its status does not tell: `key` it is not accepted, `spent` money or the day's quota is
 * used up, `model` there is none of that name, `filtered` the prompt was withheld.
 */
export type Meaning = "key" | "spent" | "model" | "filtered";

export interface Explained {
  meaning?: Meaning;
  /** How long the provider wants to be left alone, in milliseconds. */
  retryAfterMs?: number;
}

export interface Extra {
  logprobs?: readonly TokenLogprob[];
  fingerprint?: string;
  /** The model says no in a field of its own. */
  refused?: boolean;
  /** What answered; null: its package names what was asked for. */
  model?: string | null;
}

interface Description {
  /** Tokens of prompt and response together; null: it does not say. */
  context: number | null;
  /** The last day of service, as YYYY-MM-DD; null: it does not say. */
  retiresOn: string | null;
}

/** @throws a sentence, where a provider must have a key and none is stored */
export function keyOf({ key }: Access, provider: string): string {
  // Without one the package would look for a key in the environment, which is nobody's to use.
  if (!key) throw new Error(`${provider} wants a key: store one with the endpoint.`);
  return key;
}

/** A day out of what providers write: a date, a time, or seconds since 1970. */
export function dayOf(value: unknown): string | null {
  const at =
    typeof value === "number" ? new Date(value * 1000) : typeof value === "string" ? new Date(value) : null;
  return at && Number.isFinite(at.getTime()) ? at.toISOString().slice(0, 10) : null;
}

/** What a provider tells at an address, as JSON. @throws TextError where it tells nothing */
export async function toldAt(
  { fetch }: Access,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await fetch(url, { headers, signal });
  const text = await answer.text();
  if (!answer.ok)
    throw new TextError(`Of its models it tells nothing (${answer.status}).`, "never", {
      status: answer.status,
    });
  return JSON.parse(text);
}
