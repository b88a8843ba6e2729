import type { LanguageModelV3FinishReason, SharedV3Warning } from "@ai-sdk/provider";
import type { EndpointKind, FinishReason, TokenLogprob, ToolCall } from "../../db/shape/endpoint";
import { ReachError } from "../../server/endpoint/reach";
import { anthropic } from "./anthropic";
import { azure } from "./azure";
import { bedrock } from "./bedrock";
import { textError } from "./fault";
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
          ...callOf(request, capabilities),
          providerOptions: provider.options?.(request) ?? {},
        });
        yield* piecesOf(stream, provider, capabilities.temperature === false ? ["temperature"] : []);
      } catch (cause) {
        signal?.throwIfAborted();
        const error = textError(cause, model, provider);
        if (!error.details.filtered) throw error;
        yield withheld;
      }
    },
    ...(embedding && capabilities.embeddings
      ? {
          async embed(texts, signal, told) {
            try {
              const { embeddings, usage } = await embedding.doEmbed({
                values: [...texts],
                ...(signal ? { abortSignal: signal } : {}),
              });
              told?.(usage?.tokens ?? null);
              return embeddings.map((vector) => Float32Array.from(vector));
            } catch (cause) {
              signal?.throwIfAborted();
              throw textError(cause, model, provider);
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

/** The end of what its provider did not even show the model. Tokens are not told, and may be charged. */
const withheld: End = {
  type: "end",
  finishReason: "filtered",
  usage: { input: null, cached: null, output: null },
  model: null,
  fingerprint: null,
};

async function* piecesOf(stream: Stream, { read }: Provider, left: readonly string[]): AsyncGenerator<Piece> {
  let model: string | null = null;
  let fingerprint: string | null = null;
  let refused = false;
  const logprobs: TokenLogprob[] = [];
  const toolCalls: ToolCall[] = [];
  const ignored = new Set(left);
  for await (const part of stream) {
    if (part.type === "raw" && read) {
      const extra = read(part.rawValue);
      fingerprint = extra.fingerprint ?? fingerprint;
      refused ||= extra.refused ?? false;
      if (extra.model !== undefined) model = extra.model;
      logprobs.push(...(extra.logprobs ?? []));
    } else if (part.type === "response-metadata") model = part.modelId ?? model;
    else if (part.type === "stream-start") for (const name of ignoredOf(part.warnings)) ignored.add(name);
    else if (part.type === "text-delta") yield { type: "text", text: part.delta };
    else if (part.type === "reasoning-delta") yield { type: "reasoning", text: part.delta };
    else if (part.type === "tool-call") toolCalls.push({ name: part.toolName, arguments: part.input });
    else if (part.type === "error") throw part.error;
    else if (part.type === "finish") {
      // Some packages end a stream that was cut between two chunks as if it were whole.
      if (part.finishReason.raw === undefined) break;
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
        ...(ignored.size > 0 ? { ignored: [...ignored] } : {}),
      };
      yield end;
      return;
    }
  }
  throw new ReachError("The answer broke off before its end.", true);
}

const ignoredOf = (warnings: readonly SharedV3Warning[]) =>
  warnings.flatMap((warning) => (warning.type === "unsupported" ? [warning.feature] : []));

function reasonOf({ unified, raw }: LanguageModelV3FinishReason, refused: boolean): FinishReason {
  if (refused || raw === "refusal") return "refused";
  if (raw === "model_context_window_exceeded") return "length";
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
