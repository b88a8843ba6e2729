import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { z } from "zod";
import { readOpenAiChunk } from "./openai-chunk";
import { explainOpenAiError } from "./openai-error";
import { type Access, dayOf, type Provider, toldAt } from "./provider";

const NAME = "openai";

/** vLLM, Ollama, llama.cpp, LM Studio, TGI, OpenRouter, OpenAI, and this site itself. */
export function openaiCompatible(access: Access): Provider {
  const { url, key, model, fetch, capabilities } = access;
  if (!url) throw new Error("An OpenAI-compatible endpoint has no address of its own: give one.");
  const provider = createOpenAICompatible({
    name: NAME,
    baseURL: url,
    ...(key ? { apiKey: key } : {}),
    fetch,
    includeUsage: true,
    // Off, the package drops a schema with a warning that nobody reads.
    supportsStructuredOutputs: capabilities.schema,
    // OpenAI's newer models refuse the old name, its older ones take both; other servers may know the old one alone.
    ...(new URL(url).hostname === "api.openai.com"
      ? {
          transformRequestBody: ({ max_tokens, ...body }) => ({ ...body, max_completion_tokens: max_tokens }),
        }
      : {}),
  });
  return {
    language: provider.chatModel(model),
    embedding: provider.embeddingModel(model),
    options: ({ logprobs }) =>
      logprobs === undefined ? null : { [NAME]: { logprobs: true, top_logprobs: logprobs } },
    read: readOpenAiChunk,
    explain: explainOpenAiError,
    async describe(signal) {
      const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
      const { data } = modelsSchema.safeParse(await toldAt(access, `${url}/models`, headers, signal));
      const found = data?.data.find(({ id }) => id === model);
      return {
        context:
          found?.max_model_len ??
          found?.context_length ??
          found?.context_window ??
          found?.meta?.n_ctx ??
          null,
        retiresOn: dayOf(found?.shutdown_date ?? found?.expiration_date),
      };
    },
  };
}

const tokens = z.number().int().positive().nullish();
const day = z.union([z.string(), z.number()]).nullish();
const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM. */
      max_model_len: tokens,
      /** OpenRouter. */
      context_length: tokens,
      expiration_date: day,
      /** Groq. */
      context_window: tokens,
      /** llama.cpp. */
      meta: z.object({ n_ctx: tokens }).nullish(),
      /** OpenAI. */
      shutdown_date: day,
    }),
  ),
});
