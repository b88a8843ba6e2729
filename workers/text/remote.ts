import { APICallError, type LanguageModelV3FinishReason } from "@ai-sdk/provider";
import type { EndpointKind, FinishReason, TokenLogprob, ToolCall } from "../../db/shape/endpoint";
import { ReachError } from "../../server/endpoint/reach";
import { anthropic } from "./anthropic";
import { azure } from "./azure";
import { bedrock } from "./bedrock";
import { google } from "./google";
import { type End, type GenerateRequest, type Piece, TextError, type TextModel } from "./model";
import { openaiCompatible } from "./openai-compatible";
import { callOf } from "./prompt";
import type { Access, Provider } from "./provider";

const kinds: Readonly<Record<EndpointKind, (access: Access) => Provider>> = {
  "openai-compatible": openaiCompatible,
  anthropic,
  google,
  azure,
  bedrock,
};

/** The provider behind an endpoint. @throws a sentence, where something of the access is missing */
export const providerOf = (kind: EndpointKind, access: Access): Provider => kinds[kind](access);

/**
 * A model at an endpoint. It uses the provider packages one layer below `ai`: one generation is one request, and
 * whoever asks decides about another.
 */
export function remoteModel(provider: Provider, { model, capabilities }: Access): TextModel {
  const { language, embedding } = provider;
  return {
    name: model,
    capabilities: async () => capabilities,
    async *generate(request) {
      requireCapable(request, model, await this.capabilities());
      const { signal } = request;
      try {
        const { stream } = await language.doStream({
          ...callOf(request, capabilities.system),
          providerOptions: provider.options?.(request) ?? {},
        });
        yield* piecesOf(stream, provider);
      } catch (cause) {
        signal?.throwIfAborted();
        throw textError(cause, model);
      }
    },
    ...(embedding && capabilities.embeddings
      ? {
          async embed(texts, signal) {
            try {
              const { embeddings } = await embedding.doEmbed({
                values: [...texts],
                ...(signal ? { abortSignal: signal } : {}),
              });
              return embeddings.map((vector) => Float32Array.from(vector));
            } catch (cause) {
              signal?.throwIfAborted();
              throw textError(cause, model);
            }
          },
        }
      : {}),
  };
}

/** A package would leave out what a model cannot do, and a judge read something else than it asked for. */
function requireCapable(
  { schema, tools, logprobs }: GenerateRequest,
  model: string,
  can: Access["capabilities"],
): void {
  const lacks = [
    schema && !can.schema ? "keeps to no JSON schema" : null,
    tools?.length && !can.tools ? "calls no tools" : null,
    (logprobs ?? 0) > can.logprobs ? `tells ${can.logprobs || "no"} log-probabilities a token` : null,
  ].filter((lack) => lack !== null);
  if (lacks.length > 0)
    throw new TextError(`${model} ${lacks.join(" and ")}, as its last probe found: ask otherwise.`, "never");
}

type Stream = Awaited<ReturnType<Provider["language"]["doStream"]>>["stream"];

async function* piecesOf(stream: Stream, { read }: Provider): AsyncGenerator<Piece> {
  let model: string | null = null;
  let fingerprint: string | null = null;
  let refused = false;
  const logprobs: TokenLogprob[] = [];
  const toolCalls: ToolCall[] = [];
  for await (const part of stream) {
    if (part.type === "raw" && read) {
      const extra = read(part.rawValue);
      fingerprint = extra.fingerprint ?? fingerprint;
      refused ||= extra.refused ?? false;
      logprobs.push(...(extra.logprobs ?? []));
    } else if (part.type === "response-metadata") model = part.modelId ?? model;
    else if (part.type === "text-delta") yield { type: "text", text: part.delta };
    else if (part.type === "reasoning-delta") yield { type: "reasoning", text: part.delta };
    else if (part.type === "tool-call") toolCalls.push({ name: part.toolName, arguments: part.input });
    else if (part.type === "error") throw part.error;
    else if (part.type === "finish") {
      const { inputTokens, outputTokens } = part.usage;
      const end: End = {
        type: "end",
        finishReason: reasonOf(part.finishReason, refused),
        usage: {
          input: inputTokens.total ?? null,
          cached: inputTokens.cacheRead ?? null,
          output: outputTokens.total ?? null,
        },
        model,
        fingerprint,
        ...(logprobs.length > 0 ? { logprobs } : {}),
        ...(toolCalls.length > 0 ? { toolCalls } : {}),
      };
      yield end;
      return;
    }
  }
  throw new ReachError("The answer broke off before its end.", true);
}

function reasonOf({ unified, raw }: LanguageModelV3FinishReason, refused: boolean): FinishReason {
  if (refused || raw === "refusal") return "refused";
  switch (unified) {
    case "content-filter":
      return "filtered";
    case "tool-calls":
      return "tool";
    case "other":
      return "error";
    default:
      return unified;
  }
}

/** What an HTTP status says about asking again. */
const LATER = new Set([408, 409, 425, 429]);
/** A gateway gave up waiting; the model behind it may have worked on. */
const MAYBE_CHARGED = new Set([408, 504, 524]);

function textError(cause: unknown, model: string): TextError {
  if (cause instanceof TextError) return cause;
  const unreached = reachErrorIn(cause);
  if (unreached) return new TextError(unreached.message, "later", { maybeCharged: unreached.sent, cause });
  if (APICallError.isInstance(cause)) {
    const { statusCode: status, responseHeaders = {}, responseBody = "" } = cause;
    if (status === undefined || (status >= 200 && status < 300))
      return new TextError(`${model} answered what cannot be read: ${short(cause.message)}`, "later", {
        maybeCharged: true,
        cause,
      });
    const isSpent = /insufficient_quota|billing|credit balance/i.test(responseBody);
    const later = (LATER.has(status) || status >= 500) && !isSpent;
    return new TextError(sentenceOf(status, model, cause.message, isSpent), later ? "later" : "never", {
      status,
      retryAfterMs: retryAfterOf(responseHeaders),
      maybeCharged: MAYBE_CHARGED.has(status),
      cause,
    });
  }
  const message = messageOf(cause);
  return new TextError(`${model} broke its answer off: ${short(message)}`, "later", {
    maybeCharged: true,
    cause,
  });
}

/** The packages wrap what they take for a lost connection; only what is inside says whether anything was sent. */
function reachErrorIn(error: unknown): ReachError | null {
  if (error instanceof ReachError) return error;
  return error instanceof Error ? reachErrorIn(error.cause) : null;
}

function sentenceOf(status: number, model: string, said: string, isSpent: boolean): string {
  const why = `(${status}: ${short(said)})`;
  if (isSpent) return `The account behind ${model} has no credit left ${why}.`;
  if (status === 401 || status === 403)
    return `The provider does not accept the key ${why}: store the right one.`;
  if (status === 404) return `There is no ${model} at this address ${why}: check both.`;
  if (status >= 300 && status < 400)
    return `The address answers with a redirect, which is not followed ${why}: set the address it leads to.`;
  return `${model} answered ${status}: ${short(said)}`;
}

const SAID_CHARACTERS = 300;
const short = (text: string) => text.replace(/\s+/g, " ").trim().slice(0, SAID_CHARACTERS);

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  if (typeof cause === "object" && cause !== null && "message" in cause) return String(cause.message);
  return typeof cause === "string" ? cause : JSON.stringify(cause);
}

/** Seconds, milliseconds or a date (RFC 9110), whichever the provider writes. */
function retryAfterOf(headers: Record<string, string>): number | undefined {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  const after = headers["retry-after"];
  if (after === undefined) return undefined;
  const seconds = Number(after);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
